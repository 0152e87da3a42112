/** What a TaskRunner needs of the world outside its own storage. */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { NodeCommand } from "@sam/domain/node-task";
import type { SavedWork, SavedWorkRef } from "@sam/domain/saved-work";
import type { NodeObservation, TaskEffect, TaskEvent } from "@sam/domain/task-event";
import type { TaskFacts, TaskRequest } from "@sam/domain/task-facts";

import type { TaskProjection } from "./task-projection.ts";

/** The outcome of a search: a claim, or a place in the queue. */
export type SearchOutcome =
  | {
      readonly found: true;
      readonly node: NodeObservation;
      /** What its first workspace begins with, as that is now; null: with none. Left out: as it was. */
      readonly bringsBack?: SavedWorkRef | null | undefined;
      /** The task before, whose work is not saved yet and stands there. */
      readonly waitsFor?: TaskId | undefined;
      /** The saved work that the task was to begin with is nowhere any more, and why. */
      readonly savedWorkGone?: string | undefined;
    }
  | { readonly found: false; readonly place: number; readonly why: string };

export interface TaskPorts {
  readonly project: (row: TaskProjection) => Promise<"written" | "not_newer" | "ended_by_sweep">;
  /** @returns whether the sweep ended the task's row, in the absence of its runner. */
  readonly wasEndedBySweep: (taskId: TaskId) => Promise<boolean>;
  readonly recordWorkspace: (facts: TaskFacts, nodeId: NodeId, state: "standing" | "removed") => Promise<void>;
  /** @param memo what an earlier try of this same search wrote down. @param remember writes it down, before the effect. */
  readonly search: (facts: TaskFacts, memo: string | null, remember: (memo: string) => void) => Promise<SearchOutcome>;
  readonly observe: (nodeId: NodeId) => Promise<NodeObservation | null>;
  /** @returns false where the task holds no claim on that node (any more). */
  readonly command: (nodeId: NodeId, command: NodeCommand) => Promise<boolean>;
  /** @param stay the one that is over; null: whichever it is. @returns what proves that the machine was let go. */
  readonly release: (nodeId: NodeId, taskId: TaskId, stay: number | null) => Promise<string>;
  /** Submits a task; again it is the same. @returns `refused` where its id stands for another request. */
  readonly beginTask: (request: TaskRequest) => Promise<"begun" | "refused">;
  /** @param send the effect's key, and which try this is, from 1. Throws where it is to be tried again. */
  readonly notify: (
    facts: TaskFacts,
    effect: Extract<TaskEffect, { kind: "notify" }>,
    send: { readonly key: string; readonly attempt: number },
  ) => Promise<void>;
  readonly giveUp: (nodeId: NodeId, detail: string) => Promise<void>;
  /** Works or not. @returns what proves that the claim is let go; null where that is known only when the node is gone. */
  readonly giveUpByForce: (nodeId: NodeId, taskId: TaskId, detail: string) => Promise<string | null>;
  readonly recordSavedWork: (facts: TaskFacts, work: SavedWork) => Promise<void>;
  /** @returns what came of it where nobody could be asked; null where the answer is on its way. */
  readonly forgetSavedWork: (facts: TaskFacts, commit: string) => Promise<TaskEvent | null>;
  readonly tellSavedWorkDelivered: (work: SavedWorkRef, by: TaskId) => Promise<void>;
}
