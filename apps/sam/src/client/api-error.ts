/** The two ways in which a request fails: the control plane said no, or it could not be reached. */
import { problemSchema, type Problem } from "@sam/protocol/problem";

import { parseJson } from "../data-directory/files.ts";
import { CommandError, exitCodes } from "../exit-code.ts";
import { plainText } from "../terminal/plain-text.ts";

/** The control plane refused, with a problem that says why. */
export class ApiError extends CommandError {
  readonly status: number;
  readonly code: Problem["code"] | null;

  constructor(status: number, problem: Problem | null) {
    super(
      problem === null ? `The control plane answered ${status} without saying why.` : describeProblem(problem),
      status === 400 || status === 413 || status === 422 ? exitCodes.usage : exitCodes.failed,
    );
    this.status = status;
    this.code = problem?.code ?? null;
  }
}

/** The control plane did not answer. Whether it acted on the request is not known. */
export class Unreachable extends CommandError {
  constructor(url: string, cause: unknown) {
    super(
      `The control plane at ${url} did not answer (${reasonOf(cause)}). Look at it with: sam doctor`,
      exitCodes.failed,
      {
        cause,
      },
    );
  }
}

export function apiError(status: number, body: string): ApiError {
  const problem = problemSchema.safeParse(parseJson(body));
  return new ApiError(status, problem.success ? problem.data : null);
}

function describeProblem(problem: Problem): string {
  if (problem.code === "unauthenticated") {
    return "The control plane does not know the token in the data directory. A start writes a new one: sam down, then sam up";
  }
  const fields = (problem.errors ?? [])
    .map(({ field, message }) => `${field} ${message}`)
    // The control plane's own detail names them already.
    .filter((text) => !problem.detail.includes(text));
  return plainText([problem.detail, ...fields].join("\n  "));
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
