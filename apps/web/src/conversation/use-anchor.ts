/** The message that the address names, as `#seq-123`: it is loaded, shown, and marked for a moment. */
import type { TaskId } from "@sam/domain/ids";
import { useEffect, useState } from "react";

import type { Row } from "./chain.ts";
import type { TaskConversation } from "./task-conversation.ts";

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

export interface GoToAnchor {
  readonly anchor: Anchor | null;
  readonly conversation: TaskConversation;
  readonly rows: readonly Row[];
  readonly ownTaskId: TaskId;
  readonly go: (index: number, options: { align: "start" }) => void;
  /** The list does not follow its end any more. */
  readonly stop: () => void;
}

/** Loads down to the anchor and goes there, once. @returns the anchor that was reached; null before. */
export function useGoToAnchor({ anchor, conversation, rows, ownTaskId, go, stop }: GoToAnchor): Anchor | null {
  const [reached, setReached] = useState<Anchor | null>(null);
  useEffect(() => {
    if (anchor === null) return;
    stop();
    // What fails is told above the list.
    conversation.loadTo(anchor.seq).catch(() => undefined);
  }, [anchor, conversation, stop]);
  useEffect(() => {
    if (anchor === null || anchor === reached) return;
    const index = rows.findLastIndex(
      (row) => row.kind === "item" && row.taskId === ownTaskId && row.item.seq <= anchor.seq,
    );
    if (index === -1) return;
    setReached(anchor);
    go(index, { align: "start" });
  }, [anchor, reached, rows, ownTaskId, go]);
  return reached;
}
