/** D1 as a route asks it: within a deadline, as everything that is asked. */
import { d1TimeoutMs } from "../database/d1-deadline.ts";
import { within } from "../lifecycle/deadline.ts";

export function withinD1<Value>(work: PromiseLike<Value>): Promise<Value> {
  return within("D1", d1TimeoutMs, work);
}
