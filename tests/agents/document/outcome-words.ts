/** An outcome is what a task ended as, without what differs from run to run. */
import type { Verdicts } from "@sam/domain/verdicts";
import type { TaskView } from "@sam/protocol/task-api";

import { endOf } from "../support/honest-end.ts";
import type { Outcome } from "./agent-record.ts";

/** @param seen what the scenario saw of this agent in particular. */
export function outcomeOf(task: TaskView, seen: string | null): Outcome {
  return { ...endOf(task), verdicts: looked(task.verdicts), usage: usageOf(task), seen };
}

function looked({ ended, produced, checked, pushed }: Verdicts): Outcome["verdicts"] {
  return {
    ended: ended === null ? null : { holds: ended.holds, stopReason: ended.stopReason },
    producedFiles: produced?.files ?? null,
    checked: checked?.outcome ?? null,
    pushed: pushed?.holds ?? null,
  };
}

/** What a turn had used when it was cancelled or given up depends on the moment. */
function usageOf({ step, usage }: TaskView): Outcome["usage"] {
  return step === "completed" ? usage : null;
}

/** @returns the outcome for a cell of the table: its colour first, then what it rests on. */
export function cellOf({ step, colour, reason, verdicts }: Outcome): string {
  const { producedFiles, checked, pushed, ended } = verdicts;
  if (step === "cancelled") return `${colour}: cancelled`;
  const files = producedFiles === null || producedFiles === 0 ? "nothing produced" : amount(producedFiles, "file");
  const parts = [
    step === "failed" ? `failed (\`${reason ?? "no reason"}\`)` : step,
    files,
    ...(checked === "not_configured" || checked === null ? [] : [`check ${checked}`]),
    ...(pushed === true ? ["pushed"] : []),
    ...(step === "completed" && ended?.holds !== true ? [`its turn ended as \`${ended?.stopReason ?? "none"}\``] : []),
  ];
  return `${colour}: ${parts.join(", ")}`;
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
