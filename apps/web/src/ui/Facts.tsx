/** Facts with their names: two columns on a desktop, one below the other on a phone. */
import type { ReactNode } from "react";

export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, fact: ReactNode])[] }): ReactNode {
  return (
    <dl className="grid gap-x-6 gap-y-2 tablet:grid-cols-[10rem_minmax(0,1fr)]">
      {facts.map(([name, fact]) => (
        <div key={name} className="tablet:contents">
          <dt className="text-ink-quiet">{name}</dt>
          <dd className="min-w-0">{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
