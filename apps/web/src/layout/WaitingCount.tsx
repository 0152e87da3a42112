/** How many tasks await you, beside the link that leads to them. Nothing where none does, or where it is not known. */
import type { ReactNode } from "react";

import { useInboxCount } from "../api/inbox.ts";

export function WaitingCount(): ReactNode {
  const { data } = useInboxCount();
  const total = data?.total ?? 0;
  if (total === 0) return null;
  return (
    <span className="rounded-full bg-yours-soft px-1.5 text-xs leading-5 font-medium text-yours tabular-nums">
      <span className="sr-only">, </span>
      {total > 99 ? "99+" : total}
      <span className="sr-only"> {total === 1 ? "awaits" : "await"} you</span>
    </span>
  );
}
