/** The system for a command that needs one: the one that runs, or one that is started for this command alone. */
import { setTimeout as sleep } from "node:timers/promises";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { readRunRecord } from "../data-directory/run-record.ts";
import { BackgroundHeld, BackgroundSystem } from "./background.ts";

const otherStartTimeoutMs = 60_000;
const lookIntervalMs = 50;

/** @returns the system that this call started, or null where one runs already. Throws where none can be had. */
export async function ensureSystem(directory: DataDirectory): Promise<BackgroundSystem | null> {
  const deadlineAt = Date.now() + otherStartTimeoutMs;
  for (;;) {
    if (readRunRecord(directory) !== null) return null;
    try {
      return await BackgroundSystem.start(directory, null);
    } catch (error) {
      // Another command starts or stops one at this moment.
      if (!(error instanceof BackgroundHeld) || Date.now() > deadlineAt) throw error;
      await sleep(lookIntervalMs);
    }
  }
}
