/** A part of the proof: a heading and what stands below it. */
import type { ReactNode } from "react";

export interface ProofSectionProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

export function ProofSection({ title, aside, children }: ProofSectionProps): ReactNode {
  return (
    <section aria-label={title} className="flex flex-col gap-2 border-t border-line pt-3 first:border-t-0 first:pt-0">
      <div className="flex min-h-6 items-center justify-between gap-2">
        <h2 className="text-sm font-semibold">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}
