/** The message that the address names, as `#seq-123`: it is loaded, shown, and marked for a moment. */
import { useEffect, useState } from "react";

const markedMs = 2_500;

export interface Anchor {
  readonly seq: number;
  /** Rises when the same address is asked for again. */
  readonly asked: number;
}

export function seqIn(hash: string): number | null {
  const [, digits] = /^#seq-(\d{1,15})$/.exec(hash) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** @returns the anchor in the address; null where there is none. */
export function useAnchor(): Anchor | null {
  const [anchor, setAnchor] = useState<Anchor | null>(() => anchorOf(0));
  useEffect(() => {
    const look = () => setAnchor((before) => anchorOf((before?.asked ?? 0) + 1));
    window.addEventListener("hashchange", look);
    window.addEventListener("popstate", look);
    return () => {
      window.removeEventListener("hashchange", look);
      window.removeEventListener("popstate", look);
    };
  }, []);
  return anchor;
}

function anchorOf(asked: number): Anchor | null {
  const seq = seqIn(window.location.hash);
  return seq === null ? null : { seq, asked };
}

/** @returns whether this place was found just now. */
export function useMarked(anchor: Anchor | null): Anchor | null {
  const [passed, setPassed] = useState<Anchor | null>(null);
  useEffect(() => {
    if (anchor === null) return undefined;
    const timer = setTimeout(() => setPassed(anchor), markedMs);
    return () => clearTimeout(timer);
  }, [anchor]);
  return anchor === passed ? null : anchor;
}
