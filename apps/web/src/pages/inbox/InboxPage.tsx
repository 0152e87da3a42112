/** What awaits you, over all projects: oldest first, answered in place. `/inbox`. */
import type { Inbox } from "@sam/protocol/inbox-api";
import { type ReactNode, useState } from "react";

import { useInbox } from "../../api/inbox.ts";
import { InboxEntry } from "../../inbox/InboxEntry.tsx";
import type { Replied } from "../../inbox/replied.ts";
import { RepliedList } from "../../inbox/RepliedList.tsx";
import { Page, Section } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { Age } from "../../ui/Age.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";
import { Status } from "../../ui/Status.tsx";

/** As many of the newest as are worth a look back. */
const keptReplies = 10;

export function InboxPage(): ReactNode {
  const query = useInbox();
  const { data } = query;
  const [replied, setReplied] = useState<readonly Replied[]>([]);
  const keep = (one: Replied) => setReplied((before) => [one, ...before].slice(0, keptReplies));
  return (
    <Page title="Inbox" lead="What awaits you, over all projects.">
      <QueryNotice
        query={query}
        what="The inbox could not be listed"
        loading={<SkeletonRows label="Loading the inbox" rows={4} />}
      />
      {data !== undefined && <Waiting inbox={data} onReplied={keep} />}
      <RepliedList replied={replied} />
    </Page>
  );
}

interface WaitingProps {
  readonly inbox: Inbox;
  readonly onReplied: (replied: Replied) => void;
}

function Waiting({ inbox: { items, total, unreadable }, onReplied }: WaitingProps): ReactNode {
  const oldest = items[0];
  if (oldest === undefined && unreadable.length === 0) {
    return (
      <EmptyState title="Nothing awaits you">
        A task comes here when its agent asks something, or when its turn is over and you say what is next.
      </EmptyState>
    );
  }
  const behind = total - items.length - unreadable.length;
  return (
    <Section
      title={`${total} ${total === 1 ? "task awaits" : "tasks await"} you`}
      aside={
        oldest !== undefined && (
          <>
            oldest first: <Age at={oldest.since} />
          </>
        )
      }
    >
      <ul data-list="" className="flex flex-col divide-y divide-line">
        {items.map((item) => (
          <InboxEntry key={item.task.taskId} item={item} onReplied={onReplied} />
        ))}
      </ul>
      {behind > 0 && <p className="text-ink-quiet">{behind} more come up as these are answered.</p>}
      {unreadable.length > 0 && (
        <Status meaning="unknown" word={`Rows that could not be read: ${unreadable.join(", ")}`} />
      )}
    </Section>
  );
}
