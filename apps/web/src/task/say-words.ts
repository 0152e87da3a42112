/** What saying something more does now, in words, before it is said. */
import type { TaskView } from "@sam/protocol/task-api";

export interface SayWords {
  readonly label: string;
  readonly placeholder: string;
  readonly send: string;
  readonly sending: string;
  readonly effect: string;
}

type Saying = Pick<TaskView, "canSay" | "mode" | "branch" | "step" | "canInterrupt" | "release" | "permission">;

/** @returns null where nothing can be said: then `whyNothing` says why. */
export function sayWords({ canSay, mode, branch, release, permission }: Saying): SayWords | null {
  switch (canSay) {
    case "next_turn":
      return {
        label: "Message to the agent",
        placeholder: "Say what comes next",
        send: "Send",
        sending: "Sending",
        effect: isReleased(release)
          ? "It brings the task back on a machine, with its work, and begins the agent's next turn."
          : mode === "task"
            ? "It begins the agent's next turn; at its end the work is delivered."
            : "It begins the agent's next turn.",
      };
    case "waits_for_the_turn":
      return {
        label: "Message to the agent",
        placeholder: "Say something for the end of this turn",
        send: "Send after the turn",
        sending: "Sending",
        effect: `The agent ${permission === null ? "is working" : "awaits your answer"}: it is told when its turn ends, or at once if you interrupt.`,
      };
    case "continues":
      return {
        label: "Continue this task",
        placeholder: "Say what is to be done on top of it",
        send: "Continue",
        sending: "Continuing",
        effect: `It starts a new task that continues this one on ${branch}.`,
      };
    case null:
      return null;
  }
}

function isReleased(release: Saying["release"]): boolean {
  return release !== null && (release.savingSince !== null || release.releasedAt !== null || release.kept !== null);
}

/** Why nothing can be said now, and what can. */
export function whyNothing({ step, continuedBy }: Pick<TaskView, "step" | "continuedBy">): string {
  if (continuedBy !== null) return "This task is continued by another one: say more there.";
  if (step === "delivery") return "The work is being delivered. When that has ended, you can continue the task.";
  if (step === "cancelling") return "The task is being cancelled. When that has ended, you can continue it.";
  return "The agent has not started yet. Once it works, you can say more.";
}
