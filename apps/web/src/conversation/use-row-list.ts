/** Which rows are in sight, and where. Kept so that what is seen stays where it is, whatever is measured around it. */
import { useVirtualizer, type VirtualItem, type Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useLayoutEffect } from "react";

import type { Row } from "./chain.ts";
import { guessedHeight } from "./RowView.tsx";
import { endThreshold, type ListEnd, noThreshold } from "./use-list-end.ts";

export type List = Virtualizer<HTMLDivElement, Element>;

export interface RowListOptions {
  readonly rows: readonly Row[];
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly end: ListEnd;
  readonly startsAtEnd: boolean;
}

export function useRowList({ rows, scroller, end, startsAtEnd }: RowListOptions): List {
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
  });
  useLayoutEffect(() => {
    list.shouldAdjustScrollPositionOnItemSizeChange = isAboveSight;
    if (startsAtEnd) list.scrollToEnd();
    // Only at first: afterwards the reader decides.
    // oxlint-disable-next-line react/exhaustive-deps -- an address that is asked for later does not lead to the end
  }, [list]);
  return list;
}

/**
 * A row above what is seen moves what is seen by as much as it turns out larger or smaller, in whichever direction the
 * reader goes: set as text at first and as markdown later, or at another width, it comes back with another height.
 */
function isAboveSight({ key, start, end }: VirtualItem, _delta: number, list: List): boolean {
  const top = list.scrollOffset ?? 0;
  return list.itemSizeCache.has(key) ? end <= top : start < top;
}
