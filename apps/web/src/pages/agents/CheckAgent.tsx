/** One small real turn: it proves the installation, the key and the model, and says what is wrong. */
import type { TaskId } from "@sam/domain/ids";
import type { AgentView } from "@sam/protocol/agent-api";
import type { TaskView } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { useCheckAgent } from "../../api/agents.ts";
import { useTask } from "../../api/tasks.ts";
import { plainText } from "../../conversation/plain-text.ts";
import { pathTo } from "../../path-builder.ts";
import { statusOfTask } from "../../status/task-status.ts";
import { useNow } from "../../time/clock.ts";
import { Duration } from "../../ui/Age.tsx";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Status } from "../../ui/Status.tsx";

const pollMs = 1_000;

export interface Check {
  /** The check's task, once it is submitted. */
  readonly taskId: TaskId | null;
  readonly error: unknown;
  readonly button: ReactNode;
}

/** The button that submits the small turn, and where its result is told. */
export function useCheck(agent: AgentView): Check {
  const [taskId, setTaskId] = useState<TaskId | null>(null);
  const { mutate, error, isPending } = useCheckAgent(agent.agentId);
  const submit = () => mutate({}, { onSuccess: (task) => setTaskId(task.taskId) });
  const button = (
    <Button aria-label={`Check ${agent.name}`} busy={isPending && "Submitting"} onClick={submit}>
      Check
    </Button>
  );
  return { taskId, error, button };
}

export function CheckOutcome({ check }: { readonly check: Check }): ReactNode {
  const { taskId, error } = check;
  return (
    <>
      {error !== null && <ErrorNotice what="The check was not started" error={error} />}
      {taskId !== null && <CheckResult key={taskId} taskId={taskId} />}
    </>
  );
}

function CheckResult({ taskId }: { readonly taskId: TaskId }): ReactNode {
  const [final, setFinal] = useState(false);
  const { data: task, error } = useTask(taskId, final ? false : pollMs);
  const now = useNow();
  if (task?.final === true && !final) setFinal(true);
  if (task === undefined) {
    return error === null ? (
      <p role="status">Submitted.</p>
    ) : (
      <ErrorNotice what="The check cannot be seen" error={error} />
    );
  }
  const { meaning, word } = statusOfTask(task, now);
  return (
    <div role="status" className="flex flex-col gap-1 border-l-2 border-line pl-3">
      <p className="flex flex-wrap items-center gap-x-3">
        <Status meaning={meaning} word={word} />
        <Duration since={task.createdAt} until={task.clocks.frozenAt} />
        <Link {...pathTo.task(taskId)}>See the turn</Link>
      </p>
      <p className="text-ink-quiet">{resultText(task)}</p>
      {task.failure !== null && (
        <pre className="max-h-40 overflow-auto whitespace-pre-wrap font-mono text-xs">
          {plainText(task.failure.evidence)}
        </pre>
      )}
    </div>
  );
}

/** What the turn has shown so far, as a sentence. */
function resultText(task: TaskView): string {
  if (task.failure !== null) return task.failure.whatToDo;
  if (task.modelTrouble !== null) return `The model does not answer: ${task.modelTrouble.failure.detail}`;
  if (task.step === "cancelled") return "It was cancelled before it had shown anything.";
  if (task.step === "completed") return "It is installed, its key is taken, and its model answered.";
  return task.progress ?? (task.waitsFor === null ? "" : `Waits for ${task.waitsFor}.`);
}
