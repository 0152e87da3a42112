/** Where one task of a chain begins: what is below belongs to it. */
import { plainLine } from "@sam/domain/plain-text";
import type { TaskView } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { pathTo } from "../path-builder.ts";
import { statusOfTask } from "../status/task-status.ts";
import { Status } from "../ui/Status.tsx";
import { SamSign } from "./frames.tsx";

export function TaskBeginning({ task, isOwn }: { readonly task: TaskView; readonly isOwn: boolean }): ReactNode {
  return (
    <div
      role="group"
      aria-label={`Beginning of ${plainLine(task.title)}`}
      className="flex flex-wrap items-center gap-2 border-t border-line-strong pt-3"
    >
      <SamSign />
      {isOwn ? (
        <span className="font-medium">This task continues the one above, on its branch.</span>
      ) : (
        <>
          <Link {...pathTo.task(task.taskId)} className="min-w-0 truncate font-medium">
            {plainLine(task.title)}
          </Link>
          <TaskEnd task={task} />
        </>
      )}
    </div>
  );
}

function TaskEnd({ task }: { readonly task: TaskView }): ReactNode {
  const { meaning, word } = statusOfTask(task, task.clocks.frozenAt ?? Date.now());
  return <Status meaning={meaning} word={word} />;
}
