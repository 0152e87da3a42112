/** D1 as a route asks it: within a deadline, as everything that is asked. */
import { within } from "../lifecycle/deadline.ts";

const timeoutMs = 10_000;

export function withinD1<Value>(work: PromiseLike<Value>): Promise<Value> {
  return within("D1", timeoutMs, work);
}
