/** What can go wrong between the page and the API, as three kinds: it refused, it was not reached, it is not understood. */
import type { Problem } from "@sam/protocol/problem";

/** The API refused or failed, and said why (RFC 9457). */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** No answer within the deadline, or no connection at all. What was asked for may have been done. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** An answer that is not of the protocol: the page and the control plane are of different versions. */
export class UnreadableAnswer extends Error {
  override readonly name = "UnreadableAnswer";
}

/** @returns what the API says of a field, such as `repository.url`, or null. */
export function fieldError(error: unknown, field: string): string | null {
  if (!(error instanceof ApiProblem)) return null;
  const found = error.problem.errors?.find((entry) => entry.field === field || entry.field.startsWith(`${field}.`));
  return found?.message ?? null;
}

/** @returns whether every part of the error belongs to one of these fields, which show it themselves. */
export function isAllInFields(error: unknown, fields: readonly string[]): boolean {
  if (!(error instanceof ApiProblem)) return false;
  const entries = error.problem.errors ?? [];
  return (
    entries.length > 0 &&
    entries.every(({ field }) => fields.some((name) => field === name || field.startsWith(`${name}.`)))
  );
}

/** @returns whether the session is over, or there never was one. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.code === "unauthenticated";
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiProblem && error.problem.code === "not_found";
}
