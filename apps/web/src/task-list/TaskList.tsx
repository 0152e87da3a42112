/** Tasks as rows that lead to them: status first, then what it is, whose agent, and how long ago it moved. */
import type { ProjectId } from "@sam/domain/ids";
import { plainLine } from "@sam/domain/plain-text";
import type { TaskRow } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";

import { pathTo } from "../path-builder.ts";
import { statusOfRow } from "../status/task-status.ts";
import { useNow } from "../time/clock.ts";
import { ageText, exactText } from "../time/words.ts";
import { Status } from "../ui/Status.tsx";

const tickMs = 5_000;

export interface TaskListProps {
  readonly tasks: readonly TaskRow[];
  /** Names the project of each row, where rows of several stand together. */
  readonly projectName?: ((projectId: ProjectId) => string | null) | undefined;
}

export function TaskList({ tasks, projectName }: TaskListProps): ReactNode {
  return (
    <ul data-list="" className="flex flex-col divide-y divide-line">
      {tasks.map((task) => (
        <TaskListRow key={task.taskId} task={task} project={projectName?.(task.projectId) ?? null} />
      ))}
    </ul>
  );
}

interface RowProps {
  readonly task: TaskRow;
  readonly project: string | null;
}

const TaskListRow = memo(function TaskListRow({ task, project }: RowProps): ReactNode {
  const now = useNow(tickMs);
  const { meaning, word, since } = statusOfRow(task, now);
  return (
    <li>
      <Link
        {...pathTo.task(task.taskId)}
        data-list-item=""
        className="-mx-2 grid min-h-11 grid-cols-[minmax(0,1fr)_auto] items-start gap-x-4 gap-y-0.5 rounded-md px-2 py-2 no-underline hover:bg-raised tablet:grid-cols-[minmax(0,1fr)_minmax(0,15rem)_4.5rem]"
      >
        <span className="col-span-2 min-w-0 tablet:col-span-1">
          <span className="block truncate font-medium">{plainLine(task.title)}</span>
          <span className="block truncate text-xs text-ink-quiet">
            {project !== null && `${project} · `}
            {task.agentId}
          </span>
        </span>
        <Status meaning={meaning} word={word} className="min-w-0 text-sm" />
        <span
          className="text-right text-xs leading-5 text-ink-quiet tabular-nums"
          title={since === null ? undefined : exactText(since)}
        >
          {since !== null && ageText(since, Math.max(now, since))}
        </span>
      </Link>
    </li>
  );
});
