/**
 * A task that awaits its user for long lets its machine go, the work saved first, and waits on without one. What the user
 * then answers, says or asks for brings it back on a machine, and is told once its agent is there.
 */
import type { ReceiptEntry } from "./message.ts";
import type { PermissionOption } from "./node-task.ts";
import type { PermissionFacts, TaskFacts } from "./task-facts.ts";

/** It waits without its machine, or is letting it go. */
export interface Away {
  readonly state: "saving" | "released";
  /** When it began to let go. */
  readonly since: number;
  readonly releasedAt: number | null;
  /** What the VM agent proved of it: if the task is cancelled, these are the lines of its receipt. */
  readonly lines: readonly ReceiptEntry[];
}

/** What brings it back. */
export type Return =
  | {
      readonly kind: "answer";
      readonly question: PermissionFacts;
      readonly optionId: string | null;
      readonly by: string;
      /** Told to an agent that cannot load its session. */
      readonly summary: string;
    }
  | { readonly kind: "words"; readonly text: string; readonly summary: string }
  /** The cause of the transition that it comes back by. */
  | { readonly kind: "delivery"; readonly cause: string };

/** An answer that was given while nobody could take it: asked the very same again, it need not be given again. */
export interface GivenBefore {
  readonly question: Pick<PermissionFacts, "title" | "detail" | "toolKind">;
  readonly kind: PermissionOption["kind"];
  readonly by: string;
}

/** It awaits its user, and no agent of it lives: its machine is let go, or was to be and could not. */
export function isAway({ step, away, kept }: Pick<TaskFacts, "step" | "away" | "kept">): boolean {
  return step === "awaiting_input" && (away !== null || kept !== null);
}

/** Its VM agent was told to save the work and to remove the workspace, or the machine is being let go. */
export function isSaving({ step, away }: Pick<TaskFacts, "step" | "away">): boolean {
  return step === "awaiting_input" && away?.state === "saving";
}

/** @returns whether this is the question that was answered, to the letter. */
export function isGivenBefore({ question }: GivenBefore, asked: GivenBefore["question"]): boolean {
  return asked.title === question.title && asked.detail === question.detail && asked.toolKind === question.toolKind;
}
