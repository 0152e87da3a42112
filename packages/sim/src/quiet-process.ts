/** What the real code says on the console belongs to the trace of a seed, not to the terminal. */
import { WrittenByTheDead } from "./storage/memory-lifecycle-store.ts";

export function quietProcess(): void {
  console.error = () => undefined;
  process.stderr.write = () => true;
  process.on("unhandledRejection", (error) => {
    // What is over goes on for a moment, to the next thing that it would have done.
    if (!(error instanceof WrittenByTheDead)) throw error;
  });
}
