/** The page's clock: one timer for everything on it that grows older, and none while the page is hidden. */
import { useSyncExternalStore } from "react";

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

/** Rounds down to `stepMs`, so that a component renders only when what it says changes. */
export function useNow(stepMs: number = tickMs): number {
  return useSyncExternalStore(
    subscribe,
    () => Math.floor(now / stepMs) * stepMs,
    () => Math.floor(now / stepMs) * stepMs,
  );
}
