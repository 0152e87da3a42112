/** A question of an agent where it is answered in place. The words are ours: an agent's own name for a yes may read like a no. */
import type { TaskId } from "@sam/domain/ids";
import type { ReactNode } from "react";

import { ApiProblem } from "../api/api-error.ts";
import { useAnswer } from "../api/tasks.ts";
import { plainLine, plainText } from "../conversation/plain-text.ts";
import { answerWord, optionWords, orderedOptions, type Permission, refuses } from "../task/permission-words.ts";
import { Button } from "../ui/Button.tsx";
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
  const { mutate, error, isPending, isSuccess } = useAnswer(taskId);
  const { requestId, options, title, detail } = permission;
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
        It asks: <strong className="font-medium">{plainLine(title)}</strong>
        {further > 0 && <span className="text-ink-quiet"> {further} more wait behind it.</span>}
      </p>
      {detail !== null && (
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
        <p role="status">Answered. The agent goes on.</p>
      ) : (
        <Answers options={options} isPending={isPending} onGive={give} />
      )}
    </>
  );
}

interface AnswersProps {
  readonly options: Permission["options"];
  readonly isPending: boolean;
  readonly onGive: (optionId: string | null) => void;
}

function Answers({ options, isPending, onGive }: AnswersProps): ReactNode {
  return (
    <div role="group" aria-label="Answers" className="flex flex-wrap gap-2">
      {orderedOptions(options).map((option) => {
        const { word, name } = optionWords(option);
        return (
          <Button
            key={option.optionId}
            kind={option.kind === "allow_once" ? "primary" : "secondary"}
            disabled={isPending}
            onClick={() => onGive(option.optionId)}
          >
            {name === null ? word : `${word}: ${name}`}
          </Button>
        );
      })}
      {!options.some(refuses) && (
        <Button disabled={isPending} onClick={() => onGive(null)}>
          Give no answer
        </Button>
      )}
    </div>
  );
}
