/**
 * The conversation as a list of which only what is in sight is there. It opens at its end, follows it while the reader is
 * there, stays where they scrolled to, and keeps its place when older messages are put before.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";

import { agentName } from "../task/agent-name.ts";
import { Button } from "../ui/Button.tsx";
import { cx } from "../ui/cx.ts";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { SkeletonRows } from "../ui/Skeleton.tsx";
import { authorOf } from "./author.ts";
import type { Chain, ChainSnapshot, Row } from "./chain.ts";
import { Leaving } from "./Leaving.tsx";
import { OpenRowsProvider, type OpenRows } from "./open-rows.ts";
import { preloadMarkdown } from "./ProseItem.tsx";
import { gapBefore, guessedHeight, RowView } from "./RowView.tsx";
import type { TaskConversation } from "./task-conversation.ts";
import { type Anchor, useAnchor, useMarked } from "./use-anchor.ts";
import { endThreshold, noThreshold, useListEnd } from "./use-list-end.ts";

/** Older messages are asked for when so much is left above, in pixels. */
const reserve = 2_400;

export interface ConversationListProps {
  readonly chain: Chain;
  /** Of the page's own task. */
  readonly conversation: TaskConversation;
}

export function ConversationList({ chain, conversation }: ConversationListProps): ReactNode {
  const snapshot = useSyncExternalStore(chain.subscribe, chain.snapshot);
  useEffect(preloadMarkdown, []);
  if (!snapshot.isOpen) return <Opening failure={snapshot.failure} />;
  return <OpenList chain={chain} conversation={conversation} snapshot={snapshot} />;
}

function Opening({ failure }: { readonly failure: unknown }): ReactNode {
  return (
    <div className="min-h-0 flex-1 overflow-hidden px-4 pt-4">
      {failure === null ? (
        <SkeletonRows label="Loading the conversation" rows={7} />
      ) : (
        <ErrorNotice
          what="The conversation could not be loaded"
          error={failure}
          kept="It is asked for again by itself."
        />
      )}
    </div>
  );
}

interface OpenListProps extends ConversationListProps {
  readonly snapshot: ChainSnapshot;
}

function OpenList({ chain, conversation, snapshot }: OpenListProps): ReactNode {
  const { rows, reachesStart, agentIds, ownTaskId } = snapshot;
  const scroller = useRef<HTMLDivElement>(null);
  const [openRows] = useState<OpenRows>(() => new Set());
  const end = useListEnd(scroller);
  const { moved } = end;
  const list = useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => guessedHeight(rows[index]),
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 8,
    paddingStart: 16,
    paddingEnd: 24,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: end.isFollowing ? endThreshold : noThreshold,
    onChange: moved,
  });
  const anchor = useAnchor();
  const marked = useMarked(anchor);
  useStartAtEnd(anchor, list.scrollToEnd);
  useGoToAnchor({
    anchor,
    conversation,
    rows,
    isOwn: (row) => row.taskId === ownTaskId,
    go: list.scrollToIndex,
    stop: end.stop,
  });

  const isNearStart = (list.scrollOffset ?? 0) < reserve;
  useEffect(() => {
    if (isNearStart && !reachesStart && snapshot.failure === null) void chain.loadOlder();
  }, [chain, isNearStart, reachesStart, snapshot]);

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
                    <Placed
                      row={row}
                      before={rows[index - 1]}
                      isOwn={row.taskId === ownTaskId}
                      isMarked={holds(row, marked, ownTaskId)}
                    >
                      <RowView
                        row={row}
                        agent={agentName(agentIds.get(row.taskId) ?? "agent")}
                        isOwnTask={row.taskId === ownTaskId}
                        isFirst={isFirstOfAuthor(row, rows[index - 1])}
                        isLast={index === rows.length - 1}
                      />
                    </Placed>
                  </div>
                );
              })}
            </div>
          </div>
          <Above
            failure={snapshot.failure}
            isWaiting={!reachesStart && isNearStart}
            retry={() => void chain.loadOlder()}
          />
          {!end.isFollowing && (
            <ToTheEnd
              rows={rows}
              onPress={() => {
                end.follow();
                list.scrollToEnd();
              }}
            />
          )}
        </div>
      </Leaving>
    </OpenRowsProvider>
  );
}

function holds(row: Row, anchor: Anchor | null, ownTaskId: string): boolean {
  if (anchor === null || row.kind !== "item" || row.taskId !== ownTaskId) return false;
  return row.item.seq <= anchor.seq && anchor.seq <= row.item.lastSeq;
}

function isFirstOfAuthor(row: Row, before: Row | undefined): boolean {
  if (row.kind !== "item" || before?.kind !== "item") return true;
  return authorOf(row.item) !== authorOf(before.item);
}

interface PlacedProps {
  readonly row: Row;
  readonly before: Row | undefined;
  readonly isOwn: boolean;
  readonly isMarked: boolean;
  readonly children: ReactNode;
}

const gaps = { none: "", small: "pt-2", large: "pt-5" } as const;

/** The column that is read, and the address of the row in it. */
function Placed({ row, before, isOwn, isMarked, children }: PlacedProps): ReactNode {
  const gap = row.kind === "item" ? gapBefore(row.item, before?.kind === "item" ? before.item : null) : "large";
  return (
    <article
      id={isOwn && row.kind === "item" ? `seq-${row.item.seq}` : undefined}
      className={cx("mx-auto w-full max-w-[50rem] px-4", gaps[gap])}
    >
      <div className={cx("rounded-sm", isMarked && "outline-2 outline-offset-4 outline-accent")}>{children}</div>
    </article>
  );
}

interface AboveProps {
  readonly failure: unknown;
  readonly isWaiting: boolean;
  readonly retry: () => void;
}

/** What stands above the oldest message: that older ones are coming, or that they could not be had. */
function Above({ failure, isWaiting, retry }: AboveProps): ReactNode {
  if (!isWaiting) return null;
  return (
    <div className="pointer-events-none absolute inset-x-0 top-0 flex justify-center p-2">
      <div className="pointer-events-auto rounded-md border border-line bg-canvas">
        {failure === null ? (
          <p role="status" className="px-3 py-1 text-xs text-ink-quiet">
            Older messages are coming
          </p>
        ) : (
          <ErrorNotice
            what="Older messages could not be loaded"
            error={failure}
            kept="What is below stays."
            retry={retry}
          />
        )}
      </div>
    </div>
  );
}

/** Leads back to the end, and says how much has come there since. */
function ToTheEnd({ rows, onPress }: { readonly rows: readonly Row[]; readonly onPress: () => void }): ReactNode {
  const [seen] = useState(() => rows.at(-1)?.key);
  const index = rows.findLastIndex(({ key }) => key === seen);
  const fresh = index === -1 ? 0 : rows.length - 1 - index;
  return (
    <div className="pointer-events-none absolute inset-x-0 bottom-2 flex justify-center">
      <Button className="pointer-events-auto shadow-over" onClick={onPress}>
        {fresh === 0 ? "To the end" : `${fresh} new`}
        <span aria-hidden="true">↓</span>
      </Button>
    </div>
  );
}

function useStartAtEnd(anchor: Anchor | null, scrollToEnd: () => void): void {
  const [startsAtEnd] = useState(anchor === null);
  useLayoutEffect(() => {
    if (startsAtEnd) scrollToEnd();
  }, [startsAtEnd, scrollToEnd]);
}

interface GoToAnchor {
  readonly anchor: Anchor | null;
  readonly conversation: TaskConversation;
  readonly rows: readonly Row[];
  readonly isOwn: (row: Row) => boolean;
  readonly go: (index: number, options: { align: "start" }) => void;
  readonly stop: () => void;
}

function useGoToAnchor({ anchor, conversation, rows, isOwn, go, stop }: GoToAnchor): void {
  const [reached, setReached] = useState<Anchor | null>(null);
  useEffect(() => {
    if (anchor === null) return;
    stop();
    // What fails is told above the list.
    conversation.loadTo(anchor.seq).catch(() => undefined);
  }, [anchor, conversation, stop]);
  useEffect(() => {
    if (anchor === null || anchor === reached) return;
    const index = rows.findLastIndex((row) => row.kind === "item" && isOwn(row) && row.item.seq <= anchor.seq);
    if (index === -1) return;
    setReached(anchor);
    go(index, { align: "start" });
  }, [anchor, reached, rows, isOwn, go]);
}
