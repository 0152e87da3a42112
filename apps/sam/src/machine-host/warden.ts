/**
 * The warden ends what a machine host started when the machine host itself is gone: it holds the reading end of a pipe
 * whose other end dies with the machine host, and when that has closed, it kills everything that carries the machine
 * host's tag or belongs to one of its servers. A sandbox dies with whoever made it, but not while it is being made.
 *
 *   node warden.mjs <seconds of uptime> <tag> <directory of the servers> <directory of their cgroups>…
 */
import { readdirSync } from "node:fs";

import { nullOn } from "./errno.ts";
import { removeProcesses } from "./process-removal.ts";
import { listProcesses } from "./process-table.ts";
import { residentsOf } from "./residents.ts";
import { ServerCgroup } from "./server-cgroup.ts";

const attemptMs = 5_000;
const attempts = 12;
/** What the kernel counts a process's start in, on every Linux that Node runs on. */
const ticksPerSecond = 100;

interface Charge {
  readonly tag: string;
  readonly serversDirectory: string;
  readonly cgroupParents: readonly string[];
  /** The next machine host boots the same servers, in the same groups: what began after this moment is its own. */
  readonly untilTicks: number;
}

async function endAll(charge: Charge): Promise<boolean> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const proof = await removeProcesses({
      tag: { variable: "SAM_MACHINE_HOST", value: charge.tag, match: "exact" },
      members: () => membersOf(charge),
      deadlineMs: attemptMs,
    });
    if (proof.remaining.length === 0) return true;
  }
  return false;
}

function membersOf({ serversDirectory, cgroupParents, untilTicks }: Charge): number[] {
  const serverIds = nullOn(["ENOENT"], () => readdirSync(serversDirectory)) ?? [];
  const parents = cgroupParents.map((directory) => ({ directory }));
  const cgroups = new ServerCgroup(serverIds.flatMap((id) => ServerCgroup.directoriesFor(parents, id)));
  const found = new Set([...residentsOf(serversDirectory), ...cgroups.members()]);
  const alive = listProcesses().filter(({ pid, startTicks }) => found.has(pid) && Number(startTicks) <= untilTicks);
  return alive.map(({ pid }) => pid);
}

const [, , seconds, tag, serversDirectory, ...cgroupParents] = process.argv;
if (seconds === undefined || tag === undefined || serversDirectory === undefined) process.exit(2);
const untilTicks = Number(seconds) * ticksPerSecond;
process.exitCode = (await endAll({ tag, serversDirectory, cgroupParents, untilTicks })) ? 0 : 1;
