/**
 * Whether the list follows its end. It does while the reader is there; it stops when they scroll away or open something,
 * so that nothing moves under the pointer; and it does again when they come back.
 */
import type { Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useState } from "react";

/** So near to the end counts as there, in pixels. */
export const endThreshold = 48;
/** Never reached: the list does not follow. */
export const noThreshold = -1;

export interface ListEnd {
  readonly isFollowing: boolean;
  readonly stop: () => void;
  readonly follow: () => void;
  /** To be called whenever the list has moved. */
  readonly moved: (list: Virtualizer<HTMLDivElement, Element>) => void;
}

export function useListEnd(scroller: RefObject<HTMLDivElement | null>): ListEnd {
  const [isFollowing, setFollowing] = useState(true);
  const stop = useCallback(() => setFollowing(false), []);
  const follow = useCallback(() => setFollowing(true), []);
  const moved = useCallback((list: Virtualizer<HTMLDivElement, Element>) => {
    if (!list.isScrolling) return;
    if (list.scrollDirection === "backward" && list.getDistanceFromEnd() > endThreshold) setFollowing(false);
    else if (list.getDistanceFromEnd() <= endThreshold) setFollowing(true);
  }, []);
  useEffect(() => {
    const element = scroller.current;
    if (element === null || !isFollowing) return undefined;
    // A keyboard that comes up, a card that is put below: the end stays in sight.
    const observer = new ResizeObserver(() => element.scrollTo({ top: element.scrollHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, isFollowing]);
  return { isFollowing, stop, follow, moved };
}
