/**
 * The limit mechanism is how a server's memory and processes are really bounded here: cgroups where they can be had,
 * per-process limits where not. Each is tried out before it is claimed.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { type CgroupLocation, locateCgroups } from "./cgroup-location.ts";
import { errnoOf, messageOf, nullOn } from "./errno.ts";
import { findProgram, runProgram } from "./program.ts";
import { type CgroupParent, removeStaleGroups, ServerCgroup, type ServerLimits } from "./server-cgroup.ts";

export type LimitMechanism =
  | { readonly kind: "cgroup-v2" | "cgroup-v1"; readonly parents: readonly CgroupParent[] }
  | { readonly kind: "prlimit"; readonly program: string }
  | { readonly kind: "none" };

export interface LimitProbe {
  readonly mechanism: LimitMechanism;
  readonly reasons: readonly string[];
}

const probeTimeoutMs = 5_000;

/**
 * A shell that joins the groups and then becomes the command: with `echo 0` it is itself that joins.
 * @returns the command to run in place of `command`.
 */
export function joining(joinFiles: readonly string[], command: readonly string[]): string[] {
  if (joinFiles.length === 0) return [...command];
  const script = 'while [ "$1" != -- ]; do echo 0 >"$1" || exit 126; shift; done; shift; exec "$@"';
  return ["/bin/sh", "-c", script, "sam-join", ...joinFiles, "--", ...command];
}

/** @param path where to look for programs, as in PATH. */
export async function probeLimits(limits: ServerLimits, path: string): Promise<LimitProbe> {
  const location = locateCgroups();
  const refusals: string[] = [];
  for (const [kind, parents] of candidates(location)) {
    const refusal = await tryGroups(parents, limits);
    if (refusal === null) {
      removeStaleGroups(parents);
      return { mechanism: { kind, parents }, reasons: [] };
    }
    refusals.push(`${kind} below ${parents[0]?.directory ?? "?"}: ${refusal}`);
  }
  const why =
    refusals.length > 0
      ? `Cgroups can't be used here (${refusals[0]}).`
      : "No cgroup hierarchy with memory and pids can be written here.";
  const remedy = "A delegated group has both: systemd-run --user --scope -p Delegate=yes npm start.";
  const program = findProgram("prlimit", path);
  if (program === null) {
    return {
      mechanism: { kind: "none" },
      reasons: [`${why} ${remedy}`, "prlimit isn't installed (package util-linux)."],
    };
  }
  const tried = await runProgram(
    [program, `--data=${limits.memoryLimitBytes}`, process.execPath, "-e", ""],
    probeTimeoutMs,
  );
  if (tried.exitCode !== 0) {
    return { mechanism: { kind: "none" }, reasons: [`${why} ${remedy}`, `prlimit failed: ${tried.complaint}`] };
  }
  const weaker = "Limits are per process (prlimit): together a server's processes may hold more.";
  return { mechanism: { kind: "prlimit", program }, reasons: [`${why} ${weaker} ${remedy}`] };
}

function* candidates(location: CgroupLocation): Generator<["cgroup-v2" | "cgroup-v1", readonly CgroupParent[]]> {
  for (const parent of unifiedParents(location)) yield ["cgroup-v2", [parent]];
  const memory = location.v1.get("memory");
  const pids = location.v1.get("pids");
  const cpu = location.v1.get("cpu");
  if (memory === undefined || pids === undefined) return;
  const limiting: CgroupParent[] = [
    { directory: memory, version: 1, controllers: ["memory"] },
    { directory: pids, version: 1, controllers: ["pids"] },
  ];
  const weighing: CgroupParent[] = cpu === undefined ? [] : [{ directory: cpu, version: 1, controllers: ["cpu"] }];
  // On a hybrid machine the v2 hierarchy limits nothing, but it kills a whole group in one stroke.
  const killing: CgroupParent[] =
    location.unified === null ? [] : [{ directory: location.unified.directory, version: 2, controllers: [] }];
  yield ["cgroup-v1", [...limiting, ...weighing, ...killing]];
  yield ["cgroup-v1", limiting];
}

/**
 * A v2 group that has processes can't have limited children, so a server's group becomes a sibling of ours, below the
 * nearest ancestor that hands memory and pids down.
 */
export function unifiedParents(location: CgroupLocation): CgroupParent[] {
  const parents: CgroupParent[] = [];
  if (location.unified === null) return parents;
  const { mount } = location.unified;
  for (let directory = location.unified.directory; directory.startsWith(mount); directory = dirname(directory)) {
    const file = join(directory, "cgroup.subtree_control");
    const handed = (nullOn(["ENOENT", "EACCES"], () => readFileSync(file, "utf8")) ?? "").trim().split(" ");
    if (handed.includes("memory") && handed.includes("pids")) {
      parents.push({
        directory,
        version: 2,
        controllers: handed.includes("cpu") ? ["memory", "pids", "cpu"] : ["memory", "pids"],
      });
    }
    if (directory === mount || directory === "/") break;
  }
  return parents;
}

/** Makes a group with the limits, lets a process join it, and removes it. @returns null, or why that failed. */
async function tryGroups(parents: readonly CgroupParent[], limits: ServerLimits): Promise<string | null> {
  const name = `probe-${randomUUID()}`;
  const cgroup = new ServerCgroup(ServerCgroup.directoriesFor(parents, name));
  try {
    const missing = parents.find((parent) => !existsSync(parent.directory));
    if (missing !== undefined) return `${missing.directory} doesn't exist`;
    for (const directory of cgroup.directories) mkdirSync(directory);
    ServerCgroup.create(parents, name, limits);
    const joined = await runProgram(joining(cgroup.joinFiles, ["/bin/sh", "-c", "exit 0"]), probeTimeoutMs);
    return joined.exitCode === 0 ? null : `a process can't join: ${joined.complaint}`;
  } catch (error) {
    return `it can't be written (${errnoOf(error) ?? messageOf(error)})`;
  } finally {
    await cgroup.removeWithin(probeTimeoutMs);
  }
}
