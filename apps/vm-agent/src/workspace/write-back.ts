/**
 * After a commit of ours the workspace is to show it as if it had been made there: its HEAD moves and its index agrees.
 * Its objects are found through the vault. Only plain files in plain folders are written; where an agent has put something
 * else in their place, the workspace is left as it is.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { messageOf } from "../clipped-text.ts";
import { isBranchName } from "../git/branch-name.ts";
import { logFact } from "../log.ts";
import { isRealFolder } from "./untrusted-git-dir.ts";
import type { TakenOver, Vault } from "./vault.ts";

export function writeBack(vault: Vault, taken: TakenOver, commit: string): void {
  const gitDir = join(vault.workspace, ".git");
  try {
    if (!isRealFolder(gitDir)) return;
    if (taken.hasIndex) replaceFile(join(gitDir, "index"), readFileSync(join(vault.folder, "index")));
    const ref = taken.headRef ?? "HEAD";
    if (ref !== "HEAD" && !isBranchName(ref)) return;
    makeFolders(gitDir, dirname(ref));
    replaceFile(join(gitDir, ref), Buffer.from(`${commit}\n`));
  } catch (error) {
    logFact("workspace_not_written_back", { taskId: vault.taskId, error: messageOf(error) });
  }
}

/** Makes the folders of `path` below `root`. @throws where one of them is something else than a folder. */
function makeFolders(root: string, path: string): void {
  let folder = root;
  for (const part of path.split("/")) {
    folder = join(folder, part);
    if (!isRealFolder(folder)) mkdirSync(folder);
  }
}

function replaceFile(path: string, content: Buffer): void {
  const next = `${path}.sam`;
  rmSync(next, { force: true });
  writeFileSync(next, content, { flag: "wx" });
  renameSync(next, path);
}
