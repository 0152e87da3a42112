/**
 * Watches something that is being filled: tells how many bytes are there whenever that has grown, at most once a second,
 * and when it has not grown for too long.
 */
import { setTimeout as sleep } from "node:timers/promises";

export interface WatchOptions {
  /** @returns how many bytes are there now. Where that can't be told, nothing has grown. */
  readonly measure: () => Promise<number>;
  readonly stalledMs: number;
  readonly onGrowth: (bytes: number) => void;
  readonly onStalled: () => void;
}

const intervalMs = 1_000;
/** Looking takes at most this share of the time. */
const share = 1 / 20;

/** @returns what ends the watch. */
export function watchGrowth(options: WatchOptions): () => void {
  const ending = new AbortController();
  watch(options, ending.signal).catch((error: unknown) => {
    // The sleep's own way to end.
    if (!ending.signal.aborted) throw error;
  });
  return () => ending.abort();
}

async function watch({ measure, stalledMs, onGrowth, onStalled }: WatchOptions, signal: AbortSignal): Promise<void> {
  let before = 0;
  let grownAtMs = performance.now();
  let pauseMs = intervalMs;
  for (;;) {
    await sleep(pauseMs, undefined, { signal });
    const startedMs = performance.now();
    const bytes = (await measure().catch(() => null)) ?? before;
    if (signal.aborted) return;
    const nowMs = performance.now();
    if (bytes > before) {
      grownAtMs = nowMs;
      onGrowth(bytes);
    } else if (nowMs - grownAtMs > stalledMs) {
      onStalled();
      return;
    }
    // What was given up and begun anew grows from nothing.
    before = bytes;
    pauseMs = Math.max(intervalMs, (nowMs - startedMs) / share);
  }
}
