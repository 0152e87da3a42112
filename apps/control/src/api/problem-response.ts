/** Errors of the API as problem details (RFC 9457): what failed, in which field, and what to do. */
import { problemSchema, type Problem } from "@sam/protocol/problem";
import type { z } from "zod";

const titles: Record<Problem["code"], { readonly status: number; readonly title: string }> = {
  invalid_input: { status: 422, title: "The request has a field that cannot be used" },
  unauthenticated: { status: 401, title: "The request carries no valid token" },
  forbidden: { status: 403, title: "The request may not be made from there, or in that way" },
  not_found: { status: 404, title: "There is no such thing" },
  conflict: { status: 409, title: "The id stands for another request" },
  not_allowed_now: { status: 409, title: "The task's step does not allow it" },
  payload_too_large: { status: 413, title: "The request is too large" },
  too_many_attempts: { status: 429, title: "There were too many attempts" },
  unavailable: { status: 503, title: "A part of SAM did not answer in time" },
  internal: { status: 500, title: "SAM has a fault here" },
};

/** Thrown by a route; becomes the response. */
export class ApiError extends Error {
  readonly code: Problem["code"];
  readonly errors: Problem["errors"];

  constructor(code: Problem["code"], detail: string, errors?: Problem["errors"]) {
    super(detail);
    this.name = "ApiError";
    this.code = code;
    this.errors = errors;
  }
}

export function problemResponse(error: ApiError): Response {
  const { status, title } = titles[error.code];
  const problem: Problem = {
    type: `about:blank#${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    ...(error.errors === undefined ? {} : { errors: error.errors }),
  };
  const headers = { "content-type": "application/problem+json" };
  return new Response(JSON.stringify(problem), { status, headers });
}

/** @returns the error for what zod refused, naming every field. */
export function invalidInput(error: z.core.$ZodError): ApiError {
  const errors = error.issues.map((issue) => ({
    field: issue.path.join(".") || "body",
    message: issue.message,
  }));
  const detail = errors.map(({ field, message }) => `${field} ${message}`).join("; ");
  return new ApiError("invalid_input", detail, errors);
}

/** The same for every route: it may answer with a problem. */
export const problemResponses = {
  default: {
    description: "A problem (RFC 9457): what failed, in which field, and what to do",
    content: { "application/problem+json": { schema: problemSchema } },
  },
};
