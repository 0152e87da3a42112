/** Sees each workerd that Miniflare starts in this process, and its end. */
import { ChildProcess } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** Node announces each child process here, whoever starts it. */
const channel = "child_process";

export interface WorkerdWatch {
  stop(): void;
}

/** @param onEnd is told, in the same tick, that a workerd ended, and by what: a code or a signal. */
export function watchWorkerd(guardPath: string, onEnd: (how: string) => void): WorkerdWatch {
  const onChild = (message: unknown) => {
    const child = typeof message === "object" && message !== null && "process" in message ? message.process : null;
    if (!(child instanceof ChildProcess)) return;
    child.once("spawn", () => {
      if (child.spawnfile !== guardPath) return;
      child.once("exit", (code, signal) => onEnd(signal ?? `exit code ${code ?? 0}`));
    });
  };
  subscribe(channel, onChild);
  return { stop: () => unsubscribe(channel, onChild) };
}

const crashWindowMs = 60_000;
const longestDelayMs = 30_000;

/** @returns how long to wait before the next start: the first crash in a minute costs nothing, then it doubles. */
export function restartDelayMs(crashTimes: readonly number[], nowMs: number): number {
  const recent = crashTimes.filter((at) => nowMs - at < crashWindowMs).length;
  return recent <= 1 ? 0 : Math.min(longestDelayMs, 500 * 2 ** (recent - 2));
}
