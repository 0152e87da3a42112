/** The conversation of a task with those before it: loading at first, then the list of it. */
import { type ReactNode, useEffect, useSyncExternalStore } from "react";

import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { SkeletonRows } from "../ui/Skeleton.tsx";
import type { Chain } from "./chain.ts";
import { OpenList } from "./OpenList.tsx";
import { preloadMarkdown } from "./ProseItem.tsx";
import type { TaskConversation } from "./task-conversation.ts";

export interface ConversationListProps {
  readonly chain: Chain;
  /** Of the page's own task. */
  readonly conversation: TaskConversation;
}

export function ConversationList({ chain, conversation }: ConversationListProps): ReactNode {
  const snapshot = useSyncExternalStore(chain.subscribe, chain.snapshot);
  useEffect(preloadMarkdown, []);
  if (snapshot.isOpen) return <OpenList chain={chain} conversation={conversation} snapshot={snapshot} />;
  return (
    <div className="min-h-0 flex-1 overflow-hidden px-4 pt-4">
      {snapshot.failure === null ? (
        <SkeletonRows label="Loading the conversation" rows={7} />
      ) : (
        <ErrorNotice
          what="The conversation could not be loaded"
          error={snapshot.failure}
          kept="It is asked for again by itself."
        />
      )}
    </div>
  );
}
