/** Breaks something on purpose, on a person's own machine: what is done, what SAM promises, and what became of it. */
import { breakageKinds, breakages, type BreakageKind } from "@sam/domain/breakage";
import type { ReactNode } from "react";

import { useBreakages } from "../../api/breakages.ts";
import { useNodes } from "../../api/nodes.ts";
import { useSystem } from "../../api/system.ts";
import { Page, Section } from "../../layout/Page.tsx";
import { PageNotFound } from "../../layout/PageError.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { BreakageProofs } from "./BreakageProofs.tsx";
import { BreakDialog } from "./BreakDialog.tsx";

export function BreakPage(): ReactNode {
  const system = useSystem();
  const isHere = system.data?.breakable === true;
  const query = useBreakages(isHere);
  const nodes = useNodes();
  if (system.data !== undefined && !isHere) return <PageNotFound />;
  const all = query.data?.breakages ?? [];
  const isOpen = all.some(({ proofs }) => proofs.some(({ holds }) => holds === null));
  const connected = nodes.data?.nodes.filter((node) => node.connected) ?? null;
  return (
    <Page
      title="Break something"
      lead="Each of these really happens, on this machine, and ends by itself. What SAM promises about it is said first and proven afterwards, from facts."
    >
      <QueryNotice
        query={system.data === undefined ? system : query}
        what="What was broken could not be read"
        loading={<SkeletonRows label="Asking what was broken" rows={2} />}
      />
      {all.length > 0 && (
        <Section title="What became of it">
          <div className="flex flex-col divide-y divide-line">
            {all.map((breakage) => (
              <BreakageProofs key={breakage.id} breakage={breakage} />
            ))}
          </div>
        </Section>
      )}
      <Section title="What can be broken">
        {isOpen && <p className="text-ink-quiet">One thing at a time: what was broken last is not proven yet.</p>}
        <div className="flex flex-col divide-y divide-line">
          {breakageKinds.map((kind) => (
            <article key={kind} aria-label={breakages[kind].title} className="flex flex-col items-start gap-2 py-4">
              <Explained kind={kind} />
              <BreakDialog kind={kind} nodes={connected} isOpen={isOpen} />
            </article>
          ))}
        </div>
      </Section>
    </Page>
  );
}

function Explained({ kind }: { readonly kind: BreakageKind }): ReactNode {
  const { title, does } = breakages[kind];
  return (
    <>
      <h3 className="font-semibold">{title}</h3>
      <p className="measure">{does}</p>
    </>
  );
}
