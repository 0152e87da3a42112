/**
 * Whether the list follows its end. It does while the reader is there; it stops when they scroll away or open something,
 * so that nothing moves under the pointer; and it does again when they come back. While it follows, its end is in sight,
 * whatever is put before it, measured anew or shown below it.
 */
import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** So near to the end counts as there, in pixels. */
export const endThreshold = 48;
/** Never reached: the list does not follow. */
export const noThreshold = -1;
/** Less than this is rounding. */
const slack = 2;

export interface ListEnd {
  readonly isFollowing: boolean;
  readonly stop: () => void;
  readonly follow: () => void;
}

/** Where a list is scrolled to, and how far it could be. */
interface Place {
  readonly top: number;
  readonly end: number;
}

function placeOf({ scrollTop, scrollHeight, clientHeight }: HTMLElement): Place {
  return { top: scrollTop, end: scrollHeight - clientHeight };
}

/** A list that became shorter is moved up by the browser: that is not the reader's doing. */
function isScrolledUp(before: Place, now: Place): boolean {
  return before.top - now.top > Math.max(0, before.end - now.end) + slack && now.end - now.top > slack;
}

export function useListEnd(scroller: RefObject<HTMLDivElement | null>): ListEnd {
  const [isFollowing, setFollowing] = useState(true);
  // Known at once: rows that are measured while a scroll is being told must not pull the reader back.
  const follows = useRef(true);
  const seen = useRef<Place>({ top: 0, end: 0 });
  const turn = useCallback((next: boolean) => {
    follows.current = next;
    setFollowing(next);
  }, []);
  const stop = useCallback(() => turn(false), [turn]);
  const follow = useCallback(() => turn(true), [turn]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const look = () => {
      const before = seen.current;
      const now = placeOf(element);
      seen.current = now;
      if (isScrolledUp(before, now)) turn(false);
      else if (now.top > before.top && now.end - now.top <= endThreshold) turn(true);
    };
    // A keyboard that comes up, a card that is put below, rows that are longer than was thought.
    const observer = new ResizeObserver(() => {
      look();
      if (follows.current) element.scrollTo({ top: element.scrollHeight });
    });
    observer.observe(element);
    for (const content of element.children) observer.observe(content);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [scroller, turn]);
  return { isFollowing, stop, follow };
}
