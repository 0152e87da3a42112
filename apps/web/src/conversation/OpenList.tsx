/**
 * The conversation as a list of which only what is in sight is there. It opens at its end, follows it while the reader is
 * there, stays where they scrolled to, and keeps its place when older messages are put before.
 */
import { type ReactNode, type RefObject, useEffect, useMemo, useRef, useState } from "react";

import { agentName } from "../task/agent-name.ts";
import type { Chain, ChainSnapshot, Row } from "./chain.ts";
import { GapContext } from "./GapLine.tsx";
import { Leaving } from "./Leaving.tsx";
import { Above, ToTheEnd } from "./list-edges.tsx";
import { OpenRowsProvider, type OpenRows } from "./open-rows.ts";
import { PlacedRow } from "./PlacedRow.tsx";
import type { TaskConversation } from "./task-conversation.ts";
import { useAnchor, useGoToAnchor, useMarked, type Anchor } from "./use-anchor.ts";
import { useListEnd } from "./use-list-end.ts";
import { type List, useRowList } from "./use-row-list.ts";

/** Older messages are asked for when so much is left above, in pixels. */
const reserve = 2_400;

export interface OpenListProps {
  readonly chain: Chain;
  /** Of the page's own task. */
  readonly conversation: TaskConversation;
  readonly snapshot: ChainSnapshot;
}

export function OpenList({ chain, conversation, snapshot }: OpenListProps): ReactNode {
  const { rows, reachesStart, ownTaskId, failure, gapFailure } = snapshot;
  const scroller = useRef<HTMLDivElement>(null);
  const [openRows] = useState<OpenRows>(() => new Set());
  const end = useListEnd(scroller);
  const anchor = useAnchor();
  const list = useRowList({ rows, scroller, end, startsAtEnd: anchor === null });
  const reached = useGoToAnchor({ anchor, conversation, rows, ownTaskId, go: list.scrollToIndex, stop: end.stop });

  const gap = useMemo(() => ({ failure: gapFailure, retry: () => chain.retry() }), [chain, gapFailure]);
  const isNearStart = (list.scrollOffset ?? 0) < reserve;
  const loadOlder = () => void chain.loadOlder();
  useEffect(() => {
    if (isNearStart && !reachesStart && failure === null) void chain.loadOlder();
  }, [chain, isNearStart, reachesStart, failure, snapshot]);

  return (
    <OpenRowsProvider value={openRows}>
      <Leaving>
        <div className="relative flex min-h-0 flex-1 flex-col">
          <div
            ref={scroller}
            role="feed"
            aria-label="Conversation"
            aria-busy={!reachesStart && isNearStart}
            tabIndex={0}
            onClickCapture={({ target }) => {
              // What is opened grows downwards; nothing moves under the pointer.
              if (target instanceof Element && target.closest("[aria-expanded]") !== null) end.stop();
            }}
            className="min-h-0 flex-1 overflow-y-auto overscroll-contain [overflow-anchor:none]"
          >
            {rows.length === 0 && <p className="p-4 text-center text-ink-quiet">Nothing has been said yet.</p>}
            <GapContext value={gap}>
              <Rows list={list} snapshot={snapshot} reached={reached} />
            </GapContext>
          </div>
          <Above failure={failure} isWaiting={!reachesStart && isNearStart} retry={loadOlder} />
          {!end.isFollowing && <ToTheEnd rows={rows} onPress={() => goToEnd(list, end.follow, scroller)} />}
        </div>
      </Leaving>
    </OpenRowsProvider>
  );
}

function goToEnd(list: List, follow: () => void, scroller: RefObject<HTMLDivElement | null>): void {
  follow();
  list.scrollToEnd();
  // The button that was pressed goes away: the keyboard goes on in the list.
  scroller.current?.focus({ preventScroll: true });
}

interface RowsProps {
  readonly list: List;
  readonly snapshot: ChainSnapshot;
  readonly reached: Anchor | null;
}

function Rows({ list, snapshot, reached }: RowsProps): ReactNode {
  const { rows, agentIds, ownTaskId, reachesStart } = snapshot;
  const marked = useMarked(reached);
  return (
    <div className="relative w-full" style={{ height: `${list.getTotalSize()}px` }}>
      {list.getVirtualItems().map(({ key, index, start }) => {
        const row = rows[index];
        if (row === undefined) return null;
        return (
          <div
            key={key}
            ref={list.measureElement}
            data-index={index}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${start}px)` }}
          >
            <PlacedRow
              row={row}
              // The oldest that is held looks as it will once the one before it is there.
              before={rows[index - 1] ?? (reachesStart ? null : row)}
              agent={agentName(agentIds.get(row.taskId) ?? "agent")}
              isOwnTask={row.taskId === ownTaskId}
              isLast={index === rows.length - 1}
              isMarked={row.taskId === ownTaskId && holds(row, marked)}
            />
          </div>
        );
      })}
    </div>
  );
}

function holds(row: Row, anchor: Anchor | null): boolean {
  if (anchor === null || row.kind !== "item") return false;
  return row.item.seq <= anchor.seq && anchor.seq <= row.item.lastSeq;
}
