/** The schedule's clock: locally nothing else fires it. One tick at a time; a tick that fails stops no later one. */
import type { SystemLog } from "../launcher/system-log.ts";
import type { Door } from "./door.ts";

const cron = "* * * * *";
export const defaultSweepIntervalMs = 60_000;
const tickTimeoutMs = 5 * 60_000;

export interface SweepClock {
  stop(): void;
}

/** Ticks every `intervalMs`; while one tick still runs, the next ones are left out. */
export function startSweepClock(door: Pick<Door, "tick">, log: SystemLog, intervalMs: number): SweepClock {
  let running = false;
  let stopped = false;
  const tick = async () => {
    if (running) return;
    running = true;
    try {
      await door.tick(cron, tickTimeoutMs);
    } catch (error) {
      if (!stopped)
        log.write("error", "launcher", `the sweep failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      running = false;
    }
  };
  const timer = setInterval(() => void tick(), intervalMs);
  return {
    stop: () => {
      stopped = true;
      clearInterval(timer);
    },
  };
}
