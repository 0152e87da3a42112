/** What the provider lists: ours and a node's, ours and no node's with what is done about it when, and what is not ours. */
import type { LedgerView } from "@sam/protocol/ledger-api";
import type { ReactNode } from "react";

import { useLedger } from "../../api/ledger.ts";
import { Section } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { durationText } from "../../time/words.ts";
import { Age } from "../../ui/Age.tsx";
import { Code } from "../../ui/Code.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { Status } from "../../ui/Status.tsx";
import { LedgerRow } from "./LedgerRow.tsx";

export function LedgerSection(): ReactNode {
  const query = useLedger();
  const { data } = query;
  return (
    <Section title="What the provider lists" aside={data === undefined ? undefined : <Listed ledger={data} />}>
      <QueryNotice
        query={query}
        what="The ledger could not be read"
        loading={<SkeletonRows label="Loading the provider's listing" rows={2} />}
      />
      {data !== undefined && <Listing ledger={data} />}
    </Section>
  );
}

function Listed({ ledger }: { readonly ledger: LedgerView }): ReactNode {
  const { provider, listedAt } = ledger;
  return listedAt === null ? (
    `${provider}, not listed yet`
  ) : (
    <>
      {provider}, listed <Age at={listedAt} />
    </>
  );
}

function Listing({ ledger }: { readonly ledger: LedgerView }): ReactNode {
  const { entries, failing, unlisted, ofOthers, listedAt, pollMs } = ledger;
  return (
    <>
      {failing !== null && (
        <p>
          <Status meaning="unknown" word="The provider cannot be asked" /> since <Age at={failing.since} />:{" "}
          {failing.detail}. It is asked again every minute; nothing is destroyed meanwhile.
        </p>
      )}
      {unlisted.map(({ nodeId, since }) => (
        <p key={nodeId}>
          <Status meaning="yours" word="A server is not listed" /> since <Age at={since} />: that of{" "}
          <Code>{nodeId}</Code>. Its node asks for it by itself.
        </p>
      ))}
      {entries.length > 0 && (
        <ul className="divide-y divide-line">
          {entries.map((entry) => (
            <LedgerRow key={`${entry.kind} ${entry.id}`} entry={entry} />
          ))}
        </ul>
      )}
      <p className="text-ink-quiet">
        {entries.length === 0 && listedAt !== null && "It lists nothing that is yours or nobody's. "}
        {ofOthers > 0 && `${ofOthers} more belong to nodes of other owners. `}
        It is listed every {durationText(pollMs)} and held against the nodes by this installation’s tag.
      </p>
    </>
  );
}
