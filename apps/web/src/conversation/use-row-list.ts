/** Which rows are in sight, and where. Kept so that what is seen stays where it is, whatever is measured around it. */
import { useVirtualizer, type VirtualItem, type Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useLayoutEffect, useRef } from "react";

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
  const isJoined = useJoined(rows);
  useLayoutEffect(() => {
    list.shouldAdjustScrollPositionOnItemSizeChange = (item, _delta, instance) =>
      isJoined(item.key) || isAboveSight(item, instance);
    if (startsAtEnd) list.scrollToEnd();
    // Only at first: afterwards the reader decides.
    // oxlint-disable-next-line react/exhaustive-deps -- an address that is asked for later does not lead to the end
  }, [list, isJoined]);
  return list;
}

/** @returns whether this row was the oldest just now: what is put before it may change its head, and nothing below that. */
function useJoined(rows: readonly Row[]): (key: VirtualItem["key"]) => boolean {
  const oldest = rows[0]?.key;
  const before = useRef(oldest);
  const joined = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    if (before.current === oldest) return undefined;
    joined.current = before.current;
    before.current = oldest;
    // By the paint after next it has been measured.
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        joined.current = undefined;
      });
    });
    return () => cancelAnimationFrame(frame);
  }, [oldest]);
  return useCallback((key: VirtualItem["key"]) => key === joined.current, []);
}

/**
 * A row above what is seen moves what is seen by as much as it turns out larger or smaller, in whichever direction the
 * reader goes: set as text at first and as markdown later, or at another width, it comes back with another height. One
 * that is partly in sight does while the reader comes up to it from below; the last one only grows at its end.
 */
function isAboveSight({ key, index, start, end }: VirtualItem, list: List): boolean {
  const top = list.scrollOffset ?? 0;
  if (!list.itemSizeCache.has(key)) return start < top;
  const comesFromBelow = list.scrollDirection === "backward" && index < list.options.count - 1;
  return end <= top || (comesFromBelow && start < top);
}
