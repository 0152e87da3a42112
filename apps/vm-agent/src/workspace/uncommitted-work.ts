/**
 * Uncommitted work is what differs between the working tree and HEAD: changed, removed and new files, .gitignore
 * respected. Repositories inside of the repository are left alone.
 */
import { GitFailed } from "../git/git-command.ts";
import { logFact } from "../log.ts";
import { resetIndex, vaultGit, vaultText, type TakenOver, type Vault } from "./vault.ts";

const statusArgs = [
  ...["status", "--porcelain=v1", "-z", "--untracked-files=all"],
  ...["--no-renames", "--ignore-submodules=all", "--no-ahead-behind"],
];

/** @returns the paths, as bytes of git's own form: nothing is known of their encoding. */
export async function uncommittedPaths(vault: Vault, taken: TakenOver): Promise<Buffer[]> {
  if (!taken.hasIndex) await resetIndex(vault);
  const outcome = await vaultGit(vault, { args: statusArgs });
  if (outcome.exitCode === 0) return parseStatus(outcome.stdout);
  if (!taken.hasIndex) throw new GitFailed("git status", outcome);
  // The workspace's own index can't be used, or leans on files that were not taken over.
  logFact("workspace_index_unusable", { taskId: vault.taskId });
  await resetIndex(vault);
  const again = await vaultGit(vault, { args: statusArgs });
  if (again.exitCode !== 0) throw new GitFailed("git status", again);
  return parseStatus(again.stdout);
}

/** Entries are `XY <path>` and end with NUL. A new folder that is a repository of its own ends with a slash. */
export function parseStatus(bytes: Buffer): Buffer[] {
  const paths: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0, from);
    if (end === -1) break;
    const path = bytes.subarray(from + 3, end);
    if (path.length > 0 && path.at(-1) !== 0x2f) paths.push(path);
    from = end + 1;
  }
  return paths;
}

export interface CommitRequest {
  readonly paths: readonly Buffer[];
  readonly parents: readonly string[];
  readonly message: string;
  /** Milliseconds since 1970. The same work committed again at the same time is the same commit. */
  readonly at: number;
}

/** @returns the commit of the working tree's state, or null where its tree is that of the first parent. */
export async function commitWork(vault: Vault, request: CommitRequest): Promise<string | null> {
  const [first = vault.baseCommit] = request.parents;
  const [tree, before] = await Promise.all([
    writeTree(vault, request.paths),
    vaultText(vault, { args: ["rev-parse", "--verify", `${first}^{tree}`] }),
  ]);
  if (tree === before.trim() && request.parents.length < 2) return null;
  return await commitTree(vault, tree, request);
}

async function writeTree(vault: Vault, paths: readonly Buffer[]): Promise<string> {
  const nul = Buffer.from([0]);
  if (paths.length > 0) {
    await vaultText(vault, {
      args: ["update-index", "--add", "--remove", "--replace", "-z", "--stdin"],
      input: Buffer.concat(paths.flatMap((path) => [path, nul])),
    });
  }
  return (await vaultText(vault, { args: ["write-tree"] })).trim();
}

/** @returns a commit with this tree. */
async function commitTree(vault: Vault, tree: string, request: Omit<CommitRequest, "paths">): Promise<string> {
  const { name, email } = vault.identity;
  const date = `@${Math.floor(request.at / 1000)} +0000`;
  const text = await vaultText(vault, {
    args: ["commit-tree", ...request.parents.flatMap((parent) => ["-p", parent]), "-F", "-", tree],
    input: request.message,
    env: {
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_COMMITTER_DATE: date,
    },
  });
  return text.trim();
}
