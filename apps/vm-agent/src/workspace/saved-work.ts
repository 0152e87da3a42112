/** Saved work in the mirror: a commit under the task's own ref, which outlives the workspace. */
import { savedRefOf } from "@sam/domain/saved-work";

import { GitFailed } from "../git/git-command.ts";
import { parsePush } from "../git/push-report.ts";
import { vaultGit, type Vault } from "./vault.ts";

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
