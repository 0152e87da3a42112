/** A remote's listing: what `git ls-remote --symref` says of its branches, tags and default branch. */
import type { TaskId } from "@sam/domain/ids";

import type { CommandOutcome } from "../process/run-command.ts";
import { remoteGit } from "./remote-git.ts";
import type { Remote } from "./remote.ts";

export interface RemoteListing {
  /** The branch that HEAD names; null where it names none, or one that isn't there. */
  readonly defaultBranch: string | null;
  readonly headCommit: string | null;
  /** Full ref name to object id: `refs/heads/…` and `refs/tags/…`. */
  readonly refs: ReadonlyMap<string, string>;
}

export interface ListingRequest {
  readonly remote: Remote;
  readonly cwd: string;
  readonly taskId: TaskId;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Patterns of refs; all branches and tags and HEAD by default. */
  readonly patterns?: readonly string[];
}

/** Asks the remote. @returns the listing, or how the question failed. */
export async function listRemote(request: ListingRequest): Promise<RemoteListing | { failed: CommandOutcome }> {
  const { remote, cwd, taskId, signal, timeoutMs } = request;
  const patterns = request.patterns ?? ["HEAD", "refs/heads/*", "refs/tags/*"];
  const outcome = await remoteGit(remote, {
    service: "git-upload-pack",
    args: ["ls-remote", "--quiet", "--symref", "--", remote.address, ...patterns],
    cwd,
    taskId,
    signal,
    timeoutMs,
  });
  return outcome.exitCode === 0 ? parseListing(outcome.stdout.toString("utf8")) : { failed: outcome };
}

export function parseListing(text: string): RemoteListing {
  const refs = new Map<string, string>();
  let defaultBranch: string | null = null;
  let headCommit: string | null = null;
  for (const line of text.split("\n")) {
    const [left = "", name = ""] = line.split("\t");
    if (left.startsWith("ref: refs/heads/") && name === "HEAD") {
      defaultBranch = left.slice("ref: refs/heads/".length);
    } else if (/^[0-9a-f]{40,64}$/.test(left)) {
      if (name === "HEAD") headCommit = left;
      else if (/^refs\/(heads|tags|sam\/wip)\//.test(name) && !name.endsWith("^{}")) refs.set(name, left);
    }
  }
  if (defaultBranch !== null && !refs.has(`refs/heads/${defaultBranch}`)) defaultBranch = null;
  return { defaultBranch, headCommit, refs };
}
