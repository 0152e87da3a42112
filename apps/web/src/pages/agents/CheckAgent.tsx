/** One small real turn: it proves the installation, the key and the model, and says what is wrong. */
import type { TaskId } from "@sam/domain/ids";
import { plainText } from "@sam/domain/plain-text";
import type { AgentView } from "@sam/protocol/agent-api";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { useCheckAgent, useLastTurn } from "../../api/agents.ts";
import { useTask } from "../../api/tasks.ts";
import { pathTo } from "../../path-builder.ts";
import { useNow } from "../../time/clock.ts";
import { Duration } from "../../ui/Age.tsx";
import { Button } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Status } from "../../ui/Status.tsx";
import { checkResult } from "./check-result.ts";

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

export interface CheckOutcomeProps {
  readonly agent: AgentView;
  readonly check: Check;
}

export function CheckOutcome({ agent, check }: CheckOutcomeProps): ReactNode {
  const { taskId, error } = check;
  return (
    <>
      {error !== null && <ErrorNotice what="The check was not started" error={error} />}
      {taskId !== null && <CheckTask key={taskId} agent={agent} taskId={taskId} />}
    </>
  );
}

interface CheckTaskProps {
  readonly agent: AgentView;
  readonly taskId: TaskId;
}

function CheckTask({ agent, taskId }: CheckTaskProps): ReactNode {
  const [final, setFinal] = useState(false);
  const { data: task, error } = useTask(taskId, final ? false : pollMs);
  const { data: turn = null } = useLastTurn(taskId, final);
  const now = useNow();
  if (task?.final === true && !final) setFinal(true);
  if (task === undefined) {
    return error === null ? (
      <p role="status">Submitted.</p>
    ) : (
      <ErrorNotice what="The check cannot be seen" error={error} />
    );
  }
  const { status, text, evidence } = checkResult(agent, task, turn, now);
  return (
    <div role="status" className="flex flex-col gap-1 border-l-2 border-line pl-3">
      <p className="flex flex-wrap items-center gap-x-3">
        <Status meaning={status.meaning} word={status.word} />
        <Duration since={task.createdAt} until={task.clocks.frozenAt} />
        <Link {...pathTo.task(taskId)}>See the turn</Link>
      </p>
      <p className="text-ink-quiet">{text}</p>
      {evidence !== null && (
        <pre className="max-h-40 overflow-auto font-mono text-xs whitespace-pre-wrap">{plainText(evidence)}</pre>
      )}
    </div>
  );
}
