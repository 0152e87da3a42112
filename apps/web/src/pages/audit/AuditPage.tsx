/** What SAM found out about itself in the last days: five figures, each of which opens to those behind it. `/audit`. */
import type { AuditView } from "@sam/protocol/audit-api";
import { auditFigures, commonSince } from "@sam/protocol/audit-figures";
import type { ReactNode } from "react";

import { useAudit } from "../../api/audit.ts";
import { Page, Section } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { durationText, exactText } from "../../time/words.ts";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { FigureView } from "./FigureView.tsx";

export function AuditPage(): ReactNode {
  const query = useAudit();
  const { data } = query;
  return (
    <Page
      title="Audit"
      lead="What SAM found wrong with itself in the last 30 days: computed from its log, each figure with those behind it."
    >
      <QueryNotice
        query={query}
        what="The audit could not be made"
        loading={<SkeletonRows label="Loading the audit" rows={5} />}
      />
      {data !== undefined && (
        <>
          <Figures audit={data} />
          <Outages outages={data.outages} />
        </>
      )}
    </Page>
  );
}

function Figures({ audit }: { readonly audit: AuditView }): ReactNode {
  const figures = auditFigures(audit, { time: exactText, duration: durationText });
  const since = commonSince(figures, audit.from);
  return (
    <div className="flex flex-col gap-2">
      <ul aria-label="Figures" className="flex flex-col divide-y divide-line border-y border-line">
        {figures.map((figure) => (
          <FigureView key={figure.name} figure={figure} commonSince={since} />
        ))}
      </ul>
      {since > audit.from && (
        <p className="text-sm text-ink-quiet">Known since {exactText(since)}: the log is no older.</p>
      )}
    </div>
  );
}

const mostShown = 10;

function Outages({ outages }: Pick<AuditView, "outages">): ReactNode {
  if (outages.length === 0) return null;
  const total = outages.reduce((sum, { from, to }) => sum + to - from, 0);
  const newest = outages.toSorted((one, other) => other.from - one.from);
  return (
    <Section title="Outages" aside={`${outages.length}, for ${durationText(total)} in all`}>
      <p className="measure text-ink-quiet">
        In these spans all of SAM was off, as when a laptop is shut. Nothing could be missed in them; deadlines moved by
        their length.
      </p>
      <ul className="flex flex-col gap-1 text-sm">
        {newest.slice(0, mostShown).map(({ from, to }) => (
          <li key={from}>
            {exactText(from)}, for {durationText(to - from)}
          </li>
        ))}
        {newest.length > mostShown && <li className="text-ink-quiet">and {newest.length - mostShown} more</li>}
      </ul>
    </Section>
  );
}
