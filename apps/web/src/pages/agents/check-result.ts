/** What the small turn of a check has proven: green only where the model was seen to answer and the turn ended well. */
import { plainLine } from "@sam/domain/plain-text";
import type { AgentView } from "@sam/protocol/agent-api";
import type { MessageBody } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";

import type { StatusFact } from "../../status/meaning.ts";
import { statusOfTask } from "../../status/task-status.ts";

export type TurnEnded = Extract<MessageBody, { kind: "turn_ended" }>;

export interface CheckResult {
  readonly status: StatusFact;
  readonly text: string;
  /** The words of whoever saw it fail. */
  readonly evidence: string | null;
}

/** @param turn the end of its turn; null: not seen yet, or there was none. */
export function checkResult(agent: AgentView, task: TaskView, turn: TurnEnded | null, now: number): CheckResult {
  const status = statusOfTask(task, now);
  if (task.failure !== null) return { status, text: task.failure.whatToDo, evidence: task.failure.evidence };
  if (task.modelTrouble !== null) {
    const { status: code, detail } = task.modelTrouble.failure;
    return { status, text: `Its model does not answer${code === null ? "" : ` (${code})`}.`, evidence: detail };
  }
  if (task.step === "cancelled") {
    return { status, text: "It was cancelled before it had shown anything.", evidence: null };
  }
  if (task.step !== "completed") return { status, text: goingOn(task), evidence: null };
  return endedResult(agent, task, turn);
}

function goingOn({ progress, waitsFor }: TaskView): string {
  if (progress !== null) return plainLine(progress);
  return waitsFor === null ? "" : `It waits for ${waitsFor}.`;
}

function endedResult(agent: AgentView, task: TaskView, turn: TurnEnded | null): CheckResult {
  const since = task.clocks.inStateSince;
  const fails = (text: string, evidence: string | null = null): CheckResult => ({
    status: { meaning: "yours", word: "does not work yet", since },
    text,
    evidence,
  });
  const { ended } = task.verdicts;
  if (ended?.holds !== true) return fails("Its turn did not end well.", ended?.detail ?? null);
  const works: StatusFact = { meaning: "done", word: "works", since };
  if (agent.keyName === null && agent.npmPackage === null) {
    return { status: works, text: "It was started, opened a session, and ended its turn.", evidence: null };
  }
  const model = turn?.model ?? null;
  if (model === null) return fails("Its turn ended, but nobody saw its model answer.");
  if (model.lastFailure !== null) return fails("The last call of its model failed.", model.lastFailure.detail);
  if (model.calls === 0) return fails("Its turn ended without a call to a model.");
  const calls = model.calls === 1 ? "one call" : `${model.calls} calls`;
  return { status: works, text: `It is installed, its key is taken, and its model answered ${calls}.`, evidence: null };
}
