/** The tasks of a project, newest first, a page at a time. */
import type { ProjectId } from "@sam/domain/ids";
import type { TaskRow } from "@sam/protocol/task-api";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { fetchTasks, useTaskList } from "../../api/tasks.ts";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { TaskList } from "../../task-list/TaskList.tsx";
import { Button } from "../../ui/Button.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";

export function ProjectTasks({ projectId }: { readonly projectId: ProjectId }): ReactNode {
  const query = useTaskList(projectId);
  const { data } = query;
  const [older, setOlder] = useState<readonly TaskRow[]>([]);
  const [before, setBefore] = useState<string | null>(null);
  const more = useMutation({
    mutationFn: (from: string) => fetchTasks({ projectId, before: from }),
    onSuccess: (page) => {
      setOlder([...older, ...page.tasks]);
      setBefore(page.nextBefore ?? "end");
    },
  });
  const notice = (
    <QueryNotice
      query={query}
      what="The tasks could not be listed"
      loading={<SkeletonRows label="Loading tasks" rows={4} />}
    />
  );
  if (data === undefined) return notice;
  const newest = new Set(data.tasks.map(({ taskId }) => taskId));
  const tasks = [...data.tasks, ...older.filter(({ taskId }) => !newest.has(taskId))];
  const next = before === "end" ? null : (before ?? data.nextBefore);
  if (tasks.length === 0) {
    return (
      <EmptyState title="No task yet">
        Say above what is to be done. The agent works on a branch of its own, and nothing is merged without you.
      </EmptyState>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      {notice}
      <TaskList tasks={tasks} />
      {data.unreadable.length > 0 && <p className="text-failed">Not readable: {data.unreadable.join(", ")}</p>}
      {more.error !== null && <ErrorNotice what="Older tasks could not be listed" error={more.error} />}
      {next !== null && (
        <div>
          <Button busy={more.isPending && "Loading"} onClick={() => more.mutate(next)}>
            Show older tasks
          </Button>
        </div>
      )}
    </div>
  );
}
