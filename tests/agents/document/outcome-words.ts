/** An outcome in words: what a task ended as, without what differs from run to run. */
import type { Verdicts } from "@sam/domain/verdicts";
import type { TaskView } from "@sam/protocol/task-api";

import { endOf } from "../support/honest-end.ts";
import type { Outcome } from "./agent-record.ts";

/** @param seen what the scenario saw beside the end. */
export function outcomeOf(task: TaskView, seen: readonly string[]): Outcome {
  return { ...endOf(task), verdicts: wordsOf(task.verdicts), usage: usageOf(task), seen: [...seen] };
}

function wordsOf({ ended, produced, checked, pushed }: Verdicts): Outcome["verdicts"] {
  return {
    ended: ended === null ? null : `${yesOrNo(ended.holds)}: ${ended.stopReason}`,
    produced: produced === null ? null : `${yesOrNo(produced.holds)}: ${amount(produced.files, "file")}`,
    checked: checked === null ? null : checked.outcome.replaceAll("_", " "),
    pushed: pushed === null ? null : pushed.holds ? "yes: the remote lists the commit" : "no",
  };
}

/** What a turn had used when it was cancelled depends on the moment. */
function usageOf({ step, usage }: TaskView): Outcome["usage"] {
  return step === "completed" ? usage : null;
}

function yesOrNo(holds: boolean): string {
  return holds ? "yes" : "no";
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
