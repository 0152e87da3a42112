/** One system for all the tests of a file: for those that must not disturb each other anyway. */
import { afterAll, beforeAll } from "vitest";

import { System, type SystemOptions } from "./system.ts";

export interface SharedSystemOptions extends SystemOptions {
  /** Called before it is up. */
  readonly prepare?: (system: System) => void;
}

/** @returns a way to the system, which is up from the first test to the last. */
export function shareSystem({ prepare, ...options }: SharedSystemOptions = {}): () => System {
  const ends: (() => Promise<void>)[] = [];
  let system: System | null = null;
  beforeAll(async () => {
    system = await System.prepare({ onTestFinished: (end) => void ends.push(end) }, options);
    prepare?.(system);
    await system.up();
  });
  afterAll(async () => {
    for (const end of ends) await end();
  });
  return () => {
    if (system === null) throw new Error("the shared system is not up");
    return system;
  };
}
