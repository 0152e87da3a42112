/**
 * A saved state is what a commit of saved work says of the workspace that it was made of: where HEAD was, which branches
 * and stashes held something that no remote has, and, as its tree, the files. The names stand in the commit's message, and
 * the commits are its parents, so that whoever has the commit has everything.
 */
import type { TaskId } from "@sam/domain/ids";

import { isBranchName } from "../git/branch-name.ts";
import { gitText, type GitRequest } from "../git/git-command.ts";

export interface SavedState {
  /** The commit that the workspace was at. */
  readonly head: string;
  /** The branch that HEAD was attached to, by its full name; null: to none. */
  readonly headRef: string | null;
  /** Full names of branches to their commits. */
  readonly branches: ReadonlyMap<string, string>;
  /** Oldest first. */
  readonly stashes: readonly string[];
}

const firstLine = (taskId: TaskId) => `Work of ${taskId}, saved when its workspace was removed`;

/** @returns the message of the commit that saves this state. */
export function messageOfState(taskId: TaskId, state: Omit<SavedState, "head">): string {
  const lines = [
    ...(state.headRef === null ? [] : [`HEAD ${state.headRef}`]),
    ...[...state.branches].map(([name, id]) => `${name} ${id}`),
    ...state.stashes.map((id) => `${stashRef} ${id}`),
  ];
  return `${firstLine(taskId)}\n\n${lines.map((line) => `${line}\n`).join("")}`;
}

export const stashRef = "refs/stash";

/** @returns whether a branch can be named in a message, and made again. */
export function isSavable(ref: string): boolean {
  return ref.startsWith("refs/heads/") && isBranchName(ref) && ref.length <= 512;
}

/** Reads the state of a commit that saves one. @throws GitFailed where it can't be read. */
export async function readState(request: Omit<GitRequest, "args">, commit: string): Promise<SavedState> {
  const text = await gitText({ ...request, args: ["cat-file", "commit", commit] });
  return parseState(text, commit);
}

/** A name counts only where its commit is a parent: nothing else is known to be there. */
export function parseState(text: string, commit: string): SavedState {
  const end = text.indexOf("\n\n");
  const parents = text
    .slice(0, end)
    .split("\n")
    .flatMap((line) => /^parent ([0-9a-f]{40,64})$/.exec(line)?.[1] ?? []);
  const [head = commit] = parents;
  const branches = new Map<string, string>();
  const stashes: string[] = [];
  let headRef: string | null = null;
  for (const line of text.slice(end + 2).split("\n")) {
    const [name = "", value = ""] = line.split(" ");
    if (name === "HEAD" && isSavable(value)) headRef = value;
    else if (!parents.includes(value)) continue;
    else if (name === stashRef) stashes.push(value);
    else if (isSavable(name)) branches.set(name, value);
  }
  return { head, headRef, branches, stashes };
}
