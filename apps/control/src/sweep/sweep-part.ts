/** One part of the sweep: bounded in rows and in time, and told apart from the others. */
import type { PartLog } from "./part-log.ts";
import type { SweepWorld } from "./sweep-world.ts";

export interface SweepContext {
  readonly world: SweepWorld;
  /** The time that the schedule gave this sweep. */
  readonly now: number;
  readonly log: PartLog;
  /** Whether the part has used up its time: it then begins nothing more. */
  readonly isOver: () => boolean;
}

/** What it finds goes into the log; it throws where it cannot go on. */
export type SweepPart = (context: SweepContext) => Promise<void>;
