/** A question of an agent where it is answered in place. */
import type { TaskId } from "@sam/domain/ids";
import { toolKindWords } from "@sam/domain/permission-policy";
import { plainLine, plainText } from "@sam/domain/plain-text";
import type { ReactNode } from "react";

import { ApiProblem } from "../api/api-error.ts";
import { useAnswer } from "../api/tasks.ts";
import { Answers } from "../task/Answers.tsx";
import { answerWord, type Permission, saysNothingMore } from "../task/permission-words.ts";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { repliedOf, type Replied } from "./replied.ts";

export interface InboxQuestionProps {
  readonly taskId: TaskId;
  readonly title: string;
  readonly permission: Permission;
  readonly further: number;
  readonly onReplied: ((replied: Replied) => void) | undefined;
}

export function InboxQuestion({
  taskId,
  title: ofTask,
  permission,
  further,
  onReplied,
}: InboxQuestionProps): ReactNode {
  const { mutate, error, isPending, isSuccess, variables } = useAnswer(taskId);
  const { requestId, options, title, toolKind, detail } = permission;
  const give = (optionId: string | null) => {
    const onSuccess: Parameters<typeof mutate>[1] = {
      onSuccess: (task) => {
        const replied = repliedOf(task, requestId, answerWord(options, optionId));
        if (replied !== null) onReplied?.(replied);
      },
      onError: (failure) => {
        if (!(failure instanceof ApiProblem) || failure.problem.code !== "not_allowed_now") return;
        // By now the question may be gone from the list, and this with it.
        const late = failure.problem.detail;
        const words = "Your answer came too late";
        onReplied?.({ taskId, title: ofTask, requestId, acceptedAt: Date.now(), words, late });
      },
    };
    mutate({ requestId, optionId }, onSuccess);
  };
  return (
    <>
      <p>
        The agent asks to {toolKindWords[toolKind]}: <strong className="font-medium">{plainLine(title)}</strong>
        {further > 0 && (
          <span className="text-ink-quiet">
            ; {further} more {further === 1 ? "waits" : "wait"} behind it
          </span>
        )}
      </p>
      {detail !== null && !saysNothingMore(permission) && (
        <pre className="max-h-32 overflow-auto rounded-md bg-sunken p-2 font-mono text-xs whitespace-pre-wrap">
          {plainText(detail)}
        </pre>
      )}
      {error !== null && (
        <ErrorNotice
          what="The answer was not taken"
          error={error}
          kept={
            error instanceof ApiProblem ? "Nothing was changed by it." : "It still waits, or was answered elsewhere."
          }
        />
      )}
      {isSuccess ? (
        <p role="status">Answered: it is on its way to the agent.</p>
      ) : (
        <Answers options={options} given={isPending ? variables.optionId : undefined} onGive={give} />
      )}
    </>
  );
}
