/** Stands in for a page whose code is on its way, and says so only when that takes longer than it should. */
import type { ReactNode } from "react";

import { Skeleton, SkeletonRows } from "../ui/Skeleton.tsx";

export function PagePending(): ReactNode {
  return (
    <div className="mx-auto flex w-full max-w-[60rem] flex-col gap-6 px-4 pt-4 tablet:px-8 tablet:pt-8">
      <Skeleton className="h-8 w-40" />
      <SkeletonRows label="Loading the page" rows={5} />
    </div>
  );
}
