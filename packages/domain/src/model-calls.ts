/** What the node's model gateway saw of the calls that an agent made to its model. Never a key, never a prompt. */
import type { FailureReason } from "./failure-reason.ts";

export const modelFailureKinds = [
  "unauthorized",
  "not_found",
  "refused",
  "rate_limited",
  "unavailable",
  "no_answer",
] as const;
/**
 * - `unauthorized`: the model's server refused the key (401, 403).
 * - `not_found`: it knows no such model or address (404).
 * - `refused`: it refused the request itself (another 4xx).
 * - `rate_limited`: 429.
 * - `unavailable`: a 5xx, or a connection that failed or broke off.
 * - `no_answer`: nothing came within the limit.
 */
export type ModelFailureKind = (typeof modelFailureKinds)[number];

export interface ModelFailure {
  readonly kind: ModelFailureKind;
  /** The HTTP status; null where there was no answer. */
  readonly status: number | null;
  /** The server's own words, clipped and without secrets. */
  readonly detail: string;
}

/** The model calls of one turn. */
export interface ModelCalls {
  readonly calls: number;
  readonly failedCalls: number;
  /** How the last one failed; null where it succeeded, or there was none. */
  readonly lastFailure: ModelFailure | null;
}

/** What a task fails with whose model fails in this way. */
export const reasonOfModelFailure: { readonly [Kind in ModelFailureKind]: FailureReason } = {
  unauthorized: "model_unauthorized",
  not_found: "model_not_found",
  refused: "model_refused",
  rate_limited: "model_unavailable",
  unavailable: "model_unavailable",
  no_answer: "model_unavailable",
};

/** Trying again cannot help: a person has to change a setting first. */
export const lastingFailureKinds = ["unauthorized", "not_found"] as const satisfies readonly ModelFailureKind[];

export function isLasting(kind: ModelFailureKind): boolean {
  return lastingFailureKinds.some((lasting) => lasting === kind);
}
