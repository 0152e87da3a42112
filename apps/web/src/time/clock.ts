/** The page's clock: one timer for everything on it that grows older, and none while the page is hidden. */
import { useSyncExternalStore } from "react";

import { useFixedNow } from "./fixed-now.ts";

type Listener = () => void;

const tickMs = 1_000;
const listeners = new Set<Listener>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | null = null;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function onVisibility(): void {
  if (document.hidden) stop();
  else start();
}

function start(): void {
  if (timer !== null || document.hidden) return;
  tick();
  timer = setInterval(tick, tickMs);
}

function stop(): void {
  if (timer !== null) clearInterval(timer);
  timer = null;
}

function subscribe(listener: Listener): () => void {
  if (listeners.size === 0) document.addEventListener("visibilitychange", onVisibility);
  listeners.add(listener);
  start();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    stop();
    document.removeEventListener("visibilitychange", onVisibility);
  };
}

function subscribeToNothing(): () => void {
  return () => undefined;
}

/** Rounds down to `stepMs`, so that a component renders only when what it says changes. In the past it stands. */
export function useNow(stepMs: number = tickMs): number {
  const fixed = useFixedNow();
  const present = useSyncExternalStore(
    fixed === null ? subscribe : subscribeToNothing,
    () => Math.floor(now / stepMs) * stepMs,
    () => Math.floor(now / stepMs) * stepMs,
  );
  return fixed ?? present;
}
