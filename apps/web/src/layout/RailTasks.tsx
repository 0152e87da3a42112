/** The dense list of tasks at the left: what awaits you, what runs, what ended; filtered as you type. */
import type { TaskRow } from "@sam/protocol/task-api";
import { type ReactNode, useDeferredValue, useState } from "react";

import { useTaskList } from "../api/tasks.ts";
import { groupOf, type TaskGroup } from "../status/task-status.ts";
import { Input } from "../ui/Input.tsx";
import { SkeletonRows } from "../ui/Skeleton.tsx";
import { filterRows } from "./filter-rows.ts";
import { RailTask } from "./RailTask.tsx";

const groups: readonly { readonly group: TaskGroup; readonly title: string }[] = [
  { group: "yours", title: "Awaits you" },
  { group: "running", title: "Running" },
  { group: "ended", title: "Ended" },
];

export function RailTasks(): ReactNode {
  const [text, setText] = useState("");
  const deferred = useDeferredValue(text);
  const { data, isPending } = useTaskList();
  const rows = filterRows(data?.tasks ?? [], deferred);
  return (
    <>
      <div className="px-2 py-2">
        <Input
          type="search"
          aria-label="Filter tasks"
          placeholder="Filter tasks  ( / )"
          data-slash=""
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
      </div>
      <div data-list="" className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-4">
        {isPending && <SkeletonRows label="Loading tasks" rows={6} />}
        {groups.map(({ group, title }) => (
          <Group key={group} title={title} rows={rows.filter(({ step }) => groupOf(step) === group)} />
        ))}
        {!isPending && rows.length === 0 && (
          <p className="px-2 py-2 text-ink-quiet">
            {deferred === ""
              ? "No task yet. Choose a project and say what is to be done."
              : `No task matches “${deferred}”.`}
          </p>
        )}
      </div>
    </>
  );
}

function Group({ title, rows }: { readonly title: string; readonly rows: readonly TaskRow[] }): ReactNode {
  if (rows.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 className="px-2 pt-3 pb-1 text-xs font-medium text-ink-quiet">
        {title} <span className="tabular-nums">{rows.length}</span>
      </h2>
      <ul>
        {rows.map((row) => (
          <RailTask key={row.taskId} row={row} />
        ))}
      </ul>
    </section>
  );
}
