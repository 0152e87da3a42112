/** A page of the frame: a heading that gets the focus when it is opened, what can be done at once, and the content. */
import type { ReactNode } from "react";

import { useTitle } from "./title.ts";

export interface PageProps {
  readonly title: string;
  /** The tab's title, where it says more than the heading: a count, a state. */
  readonly tabTitle?: string;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, tabTitle, lead, actions, children }: PageProps): ReactNode {
  useTitle(tabTitle ?? title);
  return (
    <div className="mx-auto flex w-full max-w-[60rem] flex-col gap-6 px-4 pt-4 pb-10 tablet:px-8 tablet:pt-8">
      <header className="flex items-start justify-between gap-4">
        <div className="min-w-0 flex-1">
          <h1 className="text-lg font-semibold tablet:text-xl">{title}</h1>
          {lead !== undefined && <p className="measure mt-1 text-ink-quiet">{lead}</p>}
        </div>
        {actions}
      </header>
      {children}
    </div>
  );
}

export interface SectionProps {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A part of a page, with a line above it. */
export function Section({ title, aside, children }: SectionProps): ReactNode {
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <div className="flex items-baseline justify-between gap-4 border-b border-line pb-1">
        <h2 className="text-base font-semibold">{title}</h2>
        {aside !== undefined && <div className="text-sm text-ink-quiet">{aside}</div>}
      </div>
      {children}
    </section>
  );
}
