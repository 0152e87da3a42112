/** Facts with their names: two columns, at any width. */
import type { ReactNode } from "react";

export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, fact: ReactNode])[] }): ReactNode {
  return (
    <dl className="grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 gap-y-2 tablet:grid-cols-[9rem_minmax(0,1fr)] tablet:gap-x-6">
      {facts.map(([name, fact]) => (
        <div key={name} className="contents">
          <dt className="text-ink-quiet">{name}</dt>
          <dd className="min-w-0">{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
