/** What became of each promise about one breakage: proven with its evidence and time, not proven yet, or broken. */
import { breakages } from "@sam/domain/breakage";
import type { BreakageView } from "@sam/protocol/breakage-api";
import type { ReactNode } from "react";

import type { Meaning } from "../../status/meaning.ts";
import { Age } from "../../ui/Age.tsx";
import { StatusShape } from "../../ui/Status.tsx";

export function BreakageProofs({ breakage }: { readonly breakage: BreakageView }): ReactNode {
  const { deed, proofs } = breakage;
  const { title } = breakages[deed.kind];
  return (
    <article aria-label={`${title}: what became of it`} className="flex flex-col gap-2 py-4">
      <p>
        <span className="font-medium">{title}</span>, <Age at={deed.startedAt} />
        <span className="block text-ink-quiet">{deed.seen}.</span>
      </p>
      <ol aria-label="Promises" className="flex flex-col gap-2">
        {proofs.map(({ promise, holds, evidence, at }) => (
          <li key={promise} className="grid grid-cols-[1rem_minmax(0,1fr)_auto] items-start gap-x-2">
            <StatusShape meaning={meaningOf(holds)} className="mt-0.5" />
            <span className="min-w-0">
              {promise}
              <span className="block text-sm wrap-anywhere text-ink-quiet">
                {wordOf(holds)}: {evidence}
              </span>
            </span>
            {at !== null && <Age at={at} className="text-xs whitespace-nowrap text-ink-quiet tabular-nums" />}
          </li>
        ))}
      </ol>
    </article>
  );
}

function meaningOf(holds: boolean | null): Meaning {
  if (holds === null) return "active";
  return holds ? "done" : "failed";
}

function wordOf(holds: boolean | null): string {
  if (holds === null) return "not proven yet";
  return holds ? "held" : "did not hold";
}
