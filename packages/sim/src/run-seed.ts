/** One seed: a world, its whole schedule, and what the ten rules say of it. */
import type { Canary } from "./canaries/canary.ts";
import { lineOf } from "./rules/breach-line.ts";
import { holdRules, type WorldBreach } from "./rules/hold-rules.ts";
import type { D1Storage } from "./storage/simulated-d1.ts";
import { World } from "./world.ts";

export interface SeedResult {
  readonly seed: number;
  /** Whole lives of tasks, from their submission to their end. */
  readonly lives: number;
  readonly events: number;
  readonly breaches: readonly WorldBreach[];
}

export interface SeedOptions {
  readonly seed: number;
  readonly storage: D1Storage;
  /** Takes the lines of the trace; null: none is made. */
  readonly write: ((line: string) => void) | null;
  /** What is broken on purpose. */
  readonly canary: Canary | null;
}

export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const world = new World(options);
  const isAtRest = await world.live();
  const breaches = holdRules(world, isAtRest);
  for (const breach of breaches) world.trace.note(() => lineOf(breach));
  const lives = [...world.control.tasks.objects.values()].filter(({ disk }) => disk.lifecycle.facts !== null).length;
  world.end();
  return { seed: options.seed, lives, events: world.time.events, breaches };
}
