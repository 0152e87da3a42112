/** What the real code says on the console belongs to the trace of a seed, not to the terminal. */
import { WrittenByTheDead } from "./storage/memory-lifecycle-store.ts";

export function quietProcess(): void {
  // Most errors here are what a fault is; nobody reads where they were made, and to find that out takes its time.
  Error.stackTraceLimit = 0;
  console.error = () => undefined;
  process.stderr.write = () => true;
  process.on("unhandledRejection", (error) => {
    // What is over goes on for a moment, to the next thing that it would have done.
    if (!(error instanceof WrittenByTheDead)) throw error;
  });
}
