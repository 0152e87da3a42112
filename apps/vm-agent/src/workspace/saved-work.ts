/** Saved work is a commit under `refs/sam/wip/<task id>` in the mirror: it outlives the workspace. */
import type { TaskId } from "@sam/domain/ids";

import { GitFailed } from "../git/git-command.ts";
import { parsePush } from "../git/push-report.ts";
import { vaultGit, type Vault } from "./vault.ts";

export function savedRefOf(taskId: TaskId): string {
  return `refs/sam/wip/${taskId}`;
}

/** Saves a commit and everything that it stands on. @returns the ref. @throws GitFailed */
export async function saveCommit(vault: Vault, mirror: string, commit: string): Promise<string> {
  const ref = savedRefOf(vault.taskId);
  const outcome = await vaultGit(vault, {
    args: ["push", "--porcelain", "--no-verify", "--force", "--", mirror, `${commit}:${ref}`],
    transports: ["file"],
  });
  const line = parsePush(outcome.stdout.toString("utf8"));
  if (outcome.exitCode !== 0 || line === null || line.flag === "!") throw new GitFailed("saving the work", outcome);
  return ref;
}
