/** One thing that waits for you: what is asked, since when, what it costs meanwhile, and the answers, in place. */
import type { TaskRow, TaskView } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useAnswer, useTask } from "../../api/tasks.ts";
import { plainLine, plainText } from "../../conversation/plain-text.ts";
import { pathTo } from "../../path-builder.ts";
import { statusOfRow } from "../../status/task-status.ts";
import { optionWords, orderedOptions } from "../../task/permission-words.ts";
import { Age } from "../../ui/Age.tsx";
import { Button, buttonClass, type ButtonKind } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Skeleton } from "../../ui/Skeleton.tsx";
import { StatusShape } from "../../ui/Status.tsx";
import { Meanwhile } from "./Meanwhile.tsx";

export interface InboxItemProps {
  readonly task: TaskRow;
  readonly project: string | null;
}

export function InboxItem({ task, project }: InboxItemProps): ReactNode {
  const { data: view, error } = useTask(task.taskId);
  const { meaning } = statusOfRow(task, task.updatedAt);
  const asked = view?.permission ?? null;
  return (
    <li className="flex flex-col gap-2 py-3">
      <div className="flex items-start gap-2">
        <StatusShape meaning={meaning} className="mt-0.5" />
        <div className="min-w-0 flex-1">
          <Link {...pathTo.task(task.taskId)} className="touch block font-medium no-underline hover:underline">
            {plainLine(task.title)}
          </Link>
          <p className="text-xs text-ink-quiet">
            {project !== null && `${project} · `}
            {task.agentId} · waits since <Age at={asked?.askedAt ?? task.updatedAt} />
            <Meanwhile nodeId={view?.nodeId ?? task.nodeId} />
          </p>
        </div>
      </div>
      <div className="pl-6">
        {view === undefined && error === null && <Skeleton className="h-11 w-full" />}
        {view === undefined && error !== null && <ErrorNotice what="What it asks could not be read" error={error} />}
        {view !== undefined && <Question view={view} />}
      </div>
    </li>
  );
}

function Question({ view }: { readonly view: TaskView }): ReactNode {
  const { permission, taskId, furtherPermissions } = view;
  if (permission === null) {
    return (
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 basis-60">The agent's turn is over. Say what is next, or deliver what there is.</p>
        <Link {...pathTo.task(taskId)} className={buttonClass()}>
          Open the conversation
        </Link>
      </div>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      <p>
        It asks: <strong className="font-medium">{plainLine(permission.title)}</strong>
        {furtherPermissions > 0 && <span className="text-ink-quiet"> {furtherPermissions} more wait behind it.</span>}
      </p>
      {permission.detail !== null && (
        <pre className="max-h-32 overflow-auto rounded-md bg-sunken p-2 font-mono text-xs whitespace-pre-wrap">
          {plainText(permission.detail)}
        </pre>
      )}
      <Answers view={view} permission={permission} />
    </div>
  );
}

interface AnswersProps {
  readonly view: TaskView;
  readonly permission: NonNullable<TaskView["permission"]>;
}

/** The look of an answer, by its kind: the narrowest yes comes forward, a no is never hidden. */
function lookOf(kind: string): ButtonKind {
  return kind === "allow_once" ? "primary" : "secondary";
}

/** The words are ours, by the kind of each answer: an agent's own name for a yes may read like a no. */
function Answers({ view, permission }: AnswersProps): ReactNode {
  const { mutate, error, isPending, isSuccess } = useAnswer(view.taskId);
  const { requestId, options } = permission;
  if (isSuccess) return <p role="status">Answered. The agent goes on.</p>;
  return (
    <>
      {error !== null && (
        <ErrorNotice what="The answer was not taken" error={error} kept="It still waits, or was answered elsewhere." />
      )}
      <div className="flex flex-wrap gap-2">
        {orderedOptions(options).map((option) => {
          const { word, name } = optionWords(option);
          const { optionId } = option;
          return (
            <Button
              key={optionId}
              kind={lookOf(option.kind)}
              disabled={isPending}
              onClick={() => mutate({ requestId, optionId })}
            >
              {name === null ? word : `${word}: ${name}`}
            </Button>
          );
        })}
      </div>
    </>
  );
}
