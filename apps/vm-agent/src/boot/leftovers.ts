/**
 * Leftovers are what a VM agent that was killed has left on its disk and in the process table. They are removed before
 * anything else is done: no agent of an earlier boot may run beside a new one.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

import { workspaceIdOf, type TaskId } from "@sam/domain/ids";

import { logFact } from "../log.ts";
import { defaultEnd, describeGone, endProcesses } from "../process/end-processes.ts";
import type { TaskFacts } from "../store/task-records.ts";
import { removeScraps } from "../workspace/mirror.ts";
import { removeFolder } from "../workspace/remove-folder.ts";
import { isRealFolder } from "../workspace/untrusted-git-dir.ts";
import type { DiskLayout } from "./disk-layout.ts";

/** Ends what is still running of these tasks. @throws ProcessesRemain */
export async function endLeftoverProcesses(taskIds: readonly TaskId[]): Promise<void> {
  if (taskIds.length === 0) return;
  const gone = await endProcesses(taskIds, { ...defaultEnd, graceMs: 500 });
  if (gone.signalled.length > 0)
    logFact("leftover_processes_ended", { count: gone.signalled.length, proof: describeGone(gone) });
}

/** Removes git's lock files: with all processes gone nobody holds them. And what fetches have left half-written. */
export function removeStaleLocks(layout: DiskLayout): void {
  const mirrors = foldersIn(layout.mirrors);
  for (const mirror of mirrors) removeScraps(mirror);
  const gitDirs = [...mirrors, ...foldersIn(layout.workspaces).map((workspace) => join(workspace, ".git"))];
  const removed = gitDirs
    .filter(isRealFolder)
    .flatMap((gitDir) => [...removeLocks(gitDir), ...removeLocksBelow(join(gitDir, "refs"))]);
  if (removed.length > 0) logFact("stale_locks_removed", { count: removed.length });
}

/**
 * Removes what is no workspace, of tasks that are over or were never heard of: checkouts and removals that were cut off,
 * and vaults whose workspace does not stand. A workspace that stands is left: work may lie in it.
 */
export async function removeRemains(layout: DiskLayout, records: ReadonlyMap<TaskId, TaskFacts>): Promise<void> {
  const open = new Set<string>(
    [...records].flatMap(([taskId, { life, workspace }]) =>
      life === "active" || life === "ending" ? [workspaceIdOf(taskId), workspace?.workspaceId ?? ""] : [],
    ),
  );
  const standing = new Set(foldersIn(layout.workspaces).map((path) => basename(path)));
  const unfinished = [...standing].filter((name) => name.startsWith(".") && !open.has(name.slice(1)));
  const vaults = foldersIn(layout.vaults).filter((path) => {
    const id = basename(path, ".git");
    return !open.has(id) && !standing.has(id);
  });
  const remains = [...unfinished.map((name) => join(layout.workspaces, name)), ...vaults];
  for (const path of remains) await removeFolder(path);
  if (remains.length > 0) logFact("remains_removed", { count: remains.length });
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

function removeLocks(folder: string): string[] {
  const locks = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith(".lock"),
  );
  const paths = locks.map((entry) => join(folder, entry.name));
  for (const path of paths) rmSync(path, { force: true });
  return paths;
}

function removeLocksBelow(folder: string): string[] {
  if (!isRealFolder(folder)) return [];
  return [...removeLocks(folder), ...foldersIn(folder).flatMap(removeLocksBelow)];
}
