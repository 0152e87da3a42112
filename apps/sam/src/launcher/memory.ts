/** The launcher's memory: a start needs twice what the rest of its life does. */
import { flushCompileCache } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const restedMs = 2_000;

/** Gives back, a little after the start, what only the start needed. V8 would keep it for ever, for want of reasons. */
export function releaseStartMemory(): { stop(): void } {
  const timer = setTimeout(() => {
    // A launcher that is killed later writes nothing any more.
    flushCompileCache();
    setFlagsFromString("--expose-gc");
    runInNewContext('gc({ type: "major", execution: "sync", flavor: "last-resort" })');
    setFlagsFromString("--no-expose-gc");
  }, restedMs);
  timer.unref();
  return { stop: () => clearTimeout(timer) };
}
