/**
 * How often signing in may fail. A link's token cannot be guessed; this keeps whoever tries from keeping the database
 * busy. It counts in this isolate's memory, which is enough for that.
 */
import { ApiError } from "../api/problem-response.ts";

const windowMs = 60_000;
const maxFailures = 20;

let failures: number[] = [];

/** Throws where too many attempts have failed within the last minute. */
export function requireFewFailures(now: number): void {
  // A clock that was put back must not lock anybody out.
  failures = failures.filter((at) => at <= now && now - at < windowMs);
  if (failures.length < maxFailures) return;
  throw new ApiError("too_many_attempts", "Signing in failed too often. Try again in a minute.");
}

export function noteFailure(now: number): void {
  failures.push(now);
}
