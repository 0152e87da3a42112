/**
 * Clearing a server: after a boot no process of it remains, and after its deletion no file either. Neither is said before
 * it is proven; what can't be proven yet is reported and tried again.
 */
import { appendFileSync, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

import { removeTree } from "./disk-removal.ts";
import { messageOf } from "./errno.ts";
import type { HostContext } from "./host-context.ts";
import { type RemovalProof, removeProcesses } from "./process-removal.ts";
import { residentsOf } from "./residents.ts";
import type { Boot } from "./server-boot.ts";
import type { ServerCgroup } from "./server-cgroup.ts";
import { temporaryDirectory } from "./server-environment.ts";
import type { ServerId, ServerPaths, ServerRecord } from "./server-record.ts";
import { sleep } from "./signal.ts";

/** What a deletion leaves behind: this, in `destroyed.jsonl`, and nothing else. */
export interface DestructionProof {
  readonly id: ServerId;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly destroyedAt: number;
  readonly processes: RemovalProof;
  readonly diskRemoved: true;
}

interface Clearing {
  readonly context: HostContext;
  readonly id: ServerId;
  readonly disk: string;
  readonly boot: Boot | null;
  readonly cgroup: ServerCgroup;
}

const retryMs = 1_000;
const lookIntervalMs = 10;
const proofsMaxBytes = 1_000_000;

/** Kills and looks until three witnesses agree: the cgroup is empty, its PID namespace is gone, no process is tagged. */
export async function clearProcesses(clearing: Clearing): Promise<RemovalProof> {
  const { context, id, disk, boot, cgroup } = clearing;
  const startedAt = Date.now();
  let killed = 0;
  for (;;) {
    cgroup.kill();
    boot?.kill();
    const proof = await removeProcesses({
      tag: { variable: "SAM_SERVER_ID", value: id, match: "exact" },
      members: () => [...cgroup.members(), ...residentsOf(disk)],
      deadlineMs: context.timings.removalMs,
    });
    killed += proof.killed;
    if (proof.remaining.length === 0 && (await isReleased(clearing))) {
      return { ...proof, killed, tookMs: Date.now() - startedAt };
    }
    const pids = proof.remaining.join(", ");
    const what = pids === "" ? "its cgroup or PID namespace is not empty" : `pids ${pids} are still alive`;
    context.log(`${id}: ${what} after ${Date.now() - startedAt} ms; they are killed again in ${retryMs} ms`);
    await sleep(retryMs);
  }
}

async function isReleased({ context, boot, cgroup }: Clearing): Promise<boolean> {
  const deadline = Date.now() + context.timings.removalMs;
  while (boot !== null && !boot.isNamespaceGone()) {
    if (Date.now() > deadline) return false;
    await sleep(lookIntervalMs);
  }
  return cgroup.removeWithin(context.timings.removalMs);
}

/** Removes the disk, records the proof and then, last, removes the record: until then the server is `deleting`. */
export async function removeServerFiles(
  context: HostContext,
  paths: ServerPaths,
  record: ServerRecord,
  processes: RemovalProof,
): Promise<DestructionProof> {
  for (;;) {
    try {
      await removeTree(paths.disk);
      await removeTree(temporaryDirectory(record.id));
      const { id, name, labels } = record;
      const proof: DestructionProof = { id, name, labels, destroyedAt: Date.now(), processes, diskRemoved: true };
      recordProof(join(dirname(dirname(paths.directory)), "destroyed.jsonl"), proof);
      rmSync(paths.record, { force: true });
      await removeTree(paths.directory);
      return proof;
    } catch (error) {
      context.log(`${record.id}: its files could not be removed: ${messageOf(error)}; tried again in ${retryMs} ms`);
      await sleep(retryMs);
    }
  }
}

function recordProof(path: string, proof: DestructionProof): void {
  if (existsSync(path) && statSync(path).size > proofsMaxBytes) renameSync(path, `${path}.1`);
  appendFileSync(path, `${JSON.stringify(proof)}\n`, { mode: 0o600 });
}
