/** Keeps the shape of a task's page until the task is there. */
import type { ReactNode } from "react";

import { Skeleton, SkeletonRows } from "../../ui/Skeleton.tsx";

export function TaskPending(): ReactNode {
  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-col gap-2 border-b border-line px-4 py-3">
        <Skeleton className="h-6 w-64 max-w-full" />
        <Skeleton className="h-4 w-40" />
      </div>
      <div className="mx-auto w-full max-w-[50rem] px-4 pt-4">
        <SkeletonRows label="Loading the task" rows={7} />
      </div>
    </div>
  );
}
