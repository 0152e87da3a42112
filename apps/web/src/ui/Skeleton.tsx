/** Keeps the shape of what comes, so that nothing jumps when it is there. */
import type { ReactNode } from "react";

import { cx } from "./cx.ts";

/** `className` gives the size, such as `h-4 w-40`. */
export function Skeleton({ className }: { readonly className?: string }): ReactNode {
  return <span aria-hidden="true" className={cx("block rounded-sm bg-sunken", className ?? "h-4 w-full")} />;
}

/** Rows as a list will have them. `label` is read aloud in their place. */
export function SkeletonRows({ label, rows = 3 }: { readonly label: string; readonly rows?: number }): ReactNode {
  return (
    <div role="status" aria-label={label} className="flex flex-col divide-y divide-line">
      {Array.from({ length: rows }, (_, row) => (
        <div key={row} className="flex h-14 flex-col justify-center gap-2">
          <Skeleton className="h-4 w-3/5" />
          <Skeleton className="h-3 w-2/5" />
        </div>
      ))}
    </div>
  );
}
