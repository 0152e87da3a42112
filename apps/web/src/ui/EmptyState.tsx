/** Says that there is nothing here yet, and what to do first. */
import type { ReactNode } from "react";

export interface EmptyStateProps {
  readonly title: string;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export function EmptyState({ title, children, action }: EmptyStateProps): ReactNode {
  return (
    <div className="flex flex-col items-start gap-3 border-l-2 border-line py-2 pl-4">
      <h2 className="text-base font-semibold">{title}</h2>
      <div className="measure text-ink-quiet">{children}</div>
      {action}
    </div>
  );
}
