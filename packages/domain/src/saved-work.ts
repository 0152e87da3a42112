/**
 * Saved work is what a workspace had and no branch of the remote: files that were not committed and commits that were not
 * pushed, as one commit under `refs/sam/wip/<task>`. Its first parent is the commit that the workspace was at, and its tree
 * the state of the files, so that a workspace made of it is as the one before was.
 */
import type { NodeId, TaskId } from "./ids.ts";

/** What is enough to find it again. */
export interface SavedWorkRef {
  /** The task whose work it is. */
  readonly taskId: TaskId;
  readonly commit: string;
}

/** What the node that saved it says of it. */
export interface SavedWorkReport {
  readonly commit: string;
  /** The commit that it is compared with: the last one that a remote is known to have. */
  readonly baseCommit: string;
  /** In all, against the base. */
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
  readonly uncommittedFiles: number;
  readonly unpushedCommits: number;
  /** Repositories inside of the repository, by path: nothing of them was saved. */
  readonly leftOut: readonly string[];
  /** `mirror`: on this node alone. */
  readonly place: "remote" | "mirror";
  /** Why the remote does not have it; null where it has. */
  readonly whyNotPushed: string | null;
}

/** `lost`: its node was destroyed before it was pushed. `removed`: nobody needs it any more. */
export type SavedPlace = SavedWorkReport["place"] | "lost" | "removed";

/** Why saved work is not kept any longer. */
export type ForgetCause = "continued" | "discarded";

export interface Forgetting {
  readonly cause: ForgetCause;
  readonly askedAt: number;
  /** When a machine is asked to remove it, or asked again; null: it is removed. */
  readonly dueAt: number | null;
  readonly tries: number;
  /** What the last try came to. */
  readonly detail: string | null;
}

export interface SavedWork extends Omit<SavedWorkReport, "place"> {
  /** The node that saved it, and in whose mirror it lies. */
  readonly nodeId: NodeId;
  readonly place: SavedPlace;
  readonly savedAt: number;
  /** Since when it is where it is. */
  readonly placedAt: number;
  /** It is to be removed, or was; null: it is kept. */
  readonly forget: Forgetting | null;
}

/** The one ref that saved work of a task has, in a mirror and at the remote: never a branch. */
export function savedRefOf(taskId: TaskId): string {
  return `refs/sam/wip/${taskId}`;
}

/** @returns whether the work can still be brought back. */
export function isKept({ place, forget }: SavedWork): boolean {
  return (place === "remote" || place === "mirror") && forget === null;
}

/**
 * @returns until when it stays where it is though nobody needs it any more; null: it is kept, or a machine is asked to remove
 * it, or it is removed.
 */
export function staysUntil({ forget }: Pick<SavedWork, "forget">, now: number): number | null {
  return forget?.tries === 0 && forget.dueAt !== null && forget.dueAt > now ? forget.dueAt : null;
}

/** What a person pastes to get it by hand, in a clone of the repository; null where the remote does not have it. */
export function fetchLine(taskId: TaskId, { place }: Pick<SavedWork, "place">): string | null {
  if (place !== "remote") return null;
  return `git fetch origin ${savedRefOf(taskId)} && git switch --create saved-${taskId.slice(-6).toLowerCase()} FETCH_HEAD`;
}

/** @returns how much it is, in words: "3 files (+10 −2), 2 of them not committed, 1 commit not pushed". */
export function describeSavedWork(work: Omit<SavedWorkReport, "place">): string {
  const { files, insertions, deletions, uncommittedFiles, unpushedCommits } = work;
  const parts = [
    `${count(files, "file")} (+${insertions} −${deletions})`,
    ...(uncommittedFiles === 0 ? [] : [`${count(uncommittedFiles, "file")} not committed`]),
    ...(unpushedCommits === 0 ? [] : [`${count(unpushedCommits, "commit")} not pushed`]),
  ];
  return parts.join(", ");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
