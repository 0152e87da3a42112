/** The checks of the machine itself: programs, disk, memory, ports. */
import { statfsSync } from "node:fs";
import { availableParallelism, freemem, totalmem } from "node:os";
import { dirname } from "node:path";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { readRunRecord } from "../data-directory/run-record.ts";
import { choosePort, defaultPort, isFree } from "../launcher/port.ts";
import type { Check } from "./check.ts";
import { programVersion } from "./program-version.ts";

const gibibyte = 1024 ** 3;
const enoughDiskBytes = 5 * gibibyte;
/** What the heaviest agents need, each. */
const nodeMemoryBytes = 1.5 * gibibyte;
const oldestNode = 24;

export function checkNode(version = process.versions.node): Check {
  const fits = Number.parseInt(version, 10) >= oldestNode;
  return {
    name: "node",
    state: fits ? "ok" : "missing",
    essential: true,
    finding: `Node ${version} (${process.execPath})`,
    gives: "runs SAM, the VM agents and the runbook agent",
    remedy: fits
      ? null
      : `Node ${oldestNode} or newer is needed. On Linux and Windows \`npm run sam\` brings it along; else install it from https://nodejs.org`,
  };
}

export async function checkGit(): Promise<Check> {
  const version = await programVersion("git", ["--version"]);
  return {
    name: "git",
    state: version === null ? "missing" : "ok",
    essential: true,
    finding: version ?? "not found on the PATH",
    gives: "clones, branches, commits, pushes, and the proof of each",
    remedy: version === null ? "Install it: apt-get install git (or your system's package)" : null,
  };
}

export async function checkSetpriv(): Promise<Check> {
  const works = (await programVersion("setpriv", ["--pdeathsig", "KILL", "true"])) !== null;
  return {
    name: "setpriv",
    state: works ? "ok" : "limited",
    essential: false,
    finding: works ? "the kernel ends workerd with the launcher" : "not found, or without --pdeathsig",
    gives: "nothing stays behind when SAM is killed outright",
    remedy: works ? null : "A watcher does it within a second instead. To get it: apt-get install util-linux",
  };
}

export function checkDisk(directory: DataDirectory): Check {
  const free = freeBytes(directory.path);
  const enough = free >= enoughDiskBytes;
  return {
    name: "disk",
    state: enough ? "ok" : "limited",
    essential: false,
    finding: `${(free / gibibyte).toFixed(1)} GiB free for ${directory.path}`,
    gives: "room for mirrors, workspaces and what agents install",
    remedy: enough ? null : "Free some space, or choose another disk with --data-dir",
  };
}

export function checkMemory(): Check {
  const nodes = Math.floor(freemem() / nodeMemoryBytes);
  return {
    name: "memory",
    state: nodes >= 1 ? "ok" : "limited",
    essential: false,
    finding: `${(freemem() / gibibyte).toFixed(1)} of ${(totalmem() / gibibyte).toFixed(1)} GiB free, ${availableParallelism()} CPUs`,
    gives: `room for ${nodes === 1 ? "1 agent" : `${nodes} agents`} of the heaviest kind (1.5 GiB each) at once`,
    remedy: nodes >= 1 ? null : "End other programs before you run a large agent; runbook needs little",
  };
}

export async function checkPort(directory: DataDirectory): Promise<Check> {
  const record = readRunRecord(directory);
  const gives = "the API on 127.0.0.1";
  if (record !== null) {
    return {
      name: "port",
      state: "ok",
      essential: true,
      finding: `${record.port}, in use by this SAM`,
      gives,
      remedy: null,
    };
  }
  const usual = await isFree(defaultPort);
  const port = await choosePort(directory, null).then(
    (chosen) => chosen.port,
    () => null,
  );
  return {
    name: "port",
    state: port === null ? "missing" : "ok",
    essential: true,
    finding: usual
      ? `${defaultPort} is free`
      : `${defaultPort} is in use by another program; ${port ?? "none"} would be taken`,
    gives,
    remedy: port === null ? "Name a free one with --port" : null,
  };
}

/** The directory may not be there yet: then its nearest parent tells. */
function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch (error) {
    if (dirname(path) === path) throw error;
    return freeBytes(dirname(path));
  }
}
