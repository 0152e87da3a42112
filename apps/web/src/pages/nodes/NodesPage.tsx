/** The machines: what each is, what it does, what it costs, since when, and how it is given up. */
import type { ReactNode } from "react";

import { useNodes } from "../../api/nodes.ts";
import { Page, Section } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { Age } from "../../ui/Age.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { Status } from "../../ui/Status.tsx";
import { LedgerSection } from "./LedgerSection.tsx";
import { NodeCard } from "./NodeCard.tsx";

export function NodesPage(): ReactNode {
  const query = useNodes();
  const { data } = query;
  const standing = data?.nodes.filter(({ final }) => !final) ?? [];
  const gone = data?.nodes.filter(({ final }) => final) ?? [];
  const unreachable = data?.unreachable ?? [];
  const count = standing.length + unreachable.length;
  return (
    <Page
      title="Nodes"
      tabTitle={data === undefined ? "Nodes" : `Nodes (${count})`}
      lead="A node is one machine with one VM agent on it. It is started when a task needs it, and kept warm for a while."
    >
      <QueryNotice
        query={query}
        what="The nodes could not be listed"
        loading={<SkeletonRows label="Loading nodes" />}
      />
      {data !== undefined && count === 0 && (
        <EmptyState title="No node runs">Submit a task, and one is started for it.</EmptyState>
      )}
      <div className="flex flex-col divide-y divide-line border-y border-line empty:hidden">
        {standing.map((node) => (
          <NodeCard key={node.nodeId} node={node} />
        ))}
        {unreachable.map((row) => (
          <article key={row.nodeId} aria-label={row.nodeId} className="flex flex-col gap-1 py-4">
            <Status meaning="unknown" word={`${row.state}, cannot be asked`} />
            <p className="font-mono text-xs text-ink-quiet">{row.nodeId}</p>
            <p className="text-ink-quiet">
              Last known <Age at={row.updatedAt} />: {row.machineType} of {row.provider}.
            </p>
          </article>
        ))}
      </div>
      <LedgerSection />
      {gone.length > 0 && (
        <Section title="Gone" aside="the provider no longer lists them">
          <ul className="divide-y divide-line">
            {gone.map((node) => (
              <li key={node.nodeId} className="flex min-h-11 flex-wrap items-center gap-x-4">
                <Status meaning="done" word="destroyed" />
                <span className="min-w-0 flex-1 truncate font-mono text-xs text-ink-quiet">{node.nodeId}</span>
                <Age at={node.inStateSince} />
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}
