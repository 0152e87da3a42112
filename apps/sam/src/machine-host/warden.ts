/**
 * The warden ends what a machine host started when the machine host itself is gone: it holds the reading end of a pipe
 * whose other end dies with the machine host, and when it closes, it kills everything that carries the machine host's tag
 * or belongs to one of its servers. It is needed for plain processes only; a sandbox dies with whoever made it.
 *
 *   node warden.mjs <tag> <directory of the servers> <directory of their cgroups>…
 */
import { readdirSync } from "node:fs";

import { nullOn } from "./errno.ts";
import { removeProcesses } from "./process-removal.ts";
import { listProcesses, type ProcessEntry } from "./process-table.ts";
import { residentsOf } from "./residents.ts";
import { ServerCgroup } from "./server-cgroup.ts";

const attemptMs = 5_000;
const attempts = 12;

async function main(tag: string, serversDirectory: string, cgroupParents: readonly string[]): Promise<number> {
  process.stdin.resume();
  await new Promise<void>((resolve) => {
    process.stdin.once("end", resolve).once("error", () => resolve());
  });
  // The next machine host boots the same servers, in the same groups. Its processes are younger than this moment.
  const known = new Set(listProcesses().map(nameOf));
  const members = (): number[] => {
    const found = new Set([...residentsOf(serversDirectory), ...groupMembers(serversDirectory, cgroupParents)]);
    const alive = listProcesses().filter((entry) => found.has(entry.pid) && known.has(nameOf(entry)));
    return alive.map(({ pid }) => pid);
  };
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const proof = await removeProcesses({
      tag: { variable: "SAM_MACHINE_HOST", value: tag, match: "exact" },
      members,
      deadlineMs: attemptMs,
    });
    if (proof.remaining.length === 0) return 0;
  }
  return 1;
}

function groupMembers(serversDirectory: string, parents: readonly string[]): number[] {
  const serverIds = nullOn(["ENOENT"], () => readdirSync(serversDirectory)) ?? [];
  const directories = parents.map((directory) => ({ directory }));
  return new ServerCgroup(serverIds.flatMap((id) => ServerCgroup.directoriesFor(directories, id))).members();
}

function nameOf({ pid, startTicks }: ProcessEntry): string {
  return `${pid}/${startTicks}`;
}

const [, , tag, serversDirectory, ...cgroupParents] = process.argv;
process.exitCode =
  tag === undefined || serversDirectory === undefined ? 2 : await main(tag, serversDirectory, cgroupParents);
