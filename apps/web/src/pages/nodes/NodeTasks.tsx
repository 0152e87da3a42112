/** The tasks that hold a node, by their titles. */
import type { TaskId } from "@sam/domain/ids";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useTaskList } from "../../api/tasks.ts";
import { pathTo } from "../../path-builder.ts";

export interface NodeTasksProps {
  readonly claims: readonly TaskId[];
  readonly slots: number;
}

export function NodeTasks({ claims, slots }: NodeTasksProps): ReactNode {
  const { data } = useTaskList();
  const titleOf = (taskId: TaskId) => data?.tasks.find((task) => task.taskId === taskId)?.title ?? taskId;
  return (
    <>
      {claims.length} of {slots} {slots === 1 ? "place" : "places"} taken
      {claims.map((taskId) => (
        <Link key={taskId} {...pathTo.task(taskId)} className="touch flex items-center">
          <span className="min-w-0 truncate">{titleOf(taskId)}</span>
        </Link>
      ))}
    </>
  );
}
