/**
 * What the agent asks, at the thumb: what exactly it would do, and the answers as buttons. Answered from elsewhere
 * meanwhile, it says so: by whom, when, and how.
 */
import { answeredBy } from "@sam/domain/answered-by";
import { toolKindWords } from "@sam/domain/permission-policy";
import { plainLine, plainText } from "@sam/domain/plain-text";
import type { TaskView } from "@sam/protocol/task-api";
import { type ReactNode, useState } from "react";

import { ApiProblem } from "../api/api-error.ts";
import { useAnswer } from "../api/tasks.ts";
import { FoldedLines } from "../conversation/Folded.tsx";
import type { Item } from "../conversation/item.ts";
import type { TaskConversation } from "../conversation/task-conversation.ts";
import { exactText } from "../time/words.ts";
import { Age } from "../ui/Age.tsx";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { IconButton } from "../ui/IconButton.tsx";
import { StatusShape } from "../ui/Status.tsx";
import { Answers } from "./Answers.tsx";
import { answerWord, type Permission, saysNothingMore } from "./permission-words.ts";

export interface PermissionDockProps {
  readonly task: TaskView;
  readonly conversation: TaskConversation;
}

/** Which answer of ours came too late. */
type Late = { readonly requestId: string };

export function PermissionDock({ task, conversation }: PermissionDockProps): ReactNode {
  const [late, setLate] = useState<Late | null>(null);
  const { permission, furtherPermissions } = task;
  return (
    <>
      {late !== null && <AnsweredElsewhere late={late} conversation={conversation} onClose={() => setLate(null)} />}
      {permission !== null && (
        <Question
          key={permission.requestId}
          task={task}
          permission={permission}
          further={furtherPermissions}
          onLate={() => setLate({ requestId: permission.requestId })}
        />
      )}
    </>
  );
}

interface QuestionProps {
  readonly task: TaskView;
  readonly permission: Permission;
  readonly further: number;
  readonly onLate: () => void;
}

function Question({ task, permission, further, onLate }: QuestionProps): ReactNode {
  const answer = useAnswer(task.taskId);
  const { requestId, title, toolKind, detail, askedAt, options } = permission;
  const give = async (optionId: string | null) => {
    try {
      await answer.mutateAsync({ requestId, optionId });
    } catch (error) {
      // By now the stream may have told of another answer, and this question be gone. The rest is shown below.
      if (isTooLate(error)) onLate();
    }
  };
  const given = answer.isPending || answer.isSuccess ? answer.variables.optionId : undefined;
  return (
    <section
      aria-label="The agent asks for permission"
      className="flex max-h-[60dvh] flex-col gap-2 border-t-2 border-yours bg-yours-soft px-4 py-3"
    >
      <div className="flex min-h-0 flex-col gap-2 overflow-y-auto">
        <p className="flex items-start gap-2 text-sm">
          <StatusShape meaning="yours" className="mt-0.5" />
          <span className="min-w-0 flex-1">
            The agent asks to {toolKindWords[toolKind]}: <strong className="font-semibold">{plainLine(title)}</strong>{" "}
            <span className="text-ink-quiet">
              <Age at={askedAt} />
              {further > 0 && `; ${further} more ${further === 1 ? "waits" : "wait"} behind it`}
            </span>
          </span>
        </p>
        {detail !== null && !saysNothingMore(permission) && (
          <FoldedLines
            label="What exactly it would do"
            text={plainText(detail)}
            shownLines={10}
            from="start"
            className="max-h-40 overflow-auto rounded-sm border border-line bg-canvas p-2 font-mono text-xs leading-5 whitespace-pre-wrap"
          />
        )}
      </div>
      {answer.error !== null && !isTooLate(answer.error) && (
        <ErrorNotice what="Your answer was not taken" error={answer.error} kept="The question is still open." />
      )}
      <Answers options={options} given={given} onGive={(optionId) => void give(optionId)} />
    </section>
  );
}

function isTooLate(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.code === "not_allowed_now";
}

interface AnsweredElsewhereProps {
  readonly late: Late;
  readonly conversation: TaskConversation;
  readonly onClose: () => void;
}

function AnsweredElsewhere({ late, conversation, onClose }: AnsweredElsewhereProps): ReactNode {
  const item = settledItem(conversation.snapshot().items, late.requestId);
  return (
    <div role="status" className="flex items-center gap-2 border-t border-line bg-raised px-4 py-2 text-sm">
      <p className="min-w-0 flex-1">
        {item === null
          ? "That question is not open any more. Your answer changed nothing."
          : `Answered ${answeredBy(item.settled.by)} at ${exactText(item.settled.at)}: ${item.answer}. Your answer changed nothing.`}
      </p>
      <IconButton label="Close" icon="close" onClick={onClose} />
    </div>
  );
}

function settledItem(items: readonly Item[], requestId: string) {
  for (const item of items.toReversed()) {
    if (item.kind !== "permission" || item.question.requestId !== requestId || item.settled === null) continue;
    return { settled: item.settled, answer: answerWord(item.question.options, item.settled.optionId) };
  }
  return null;
}
