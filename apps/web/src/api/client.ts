/** Asks the API: every request has a deadline, every answer is parsed, every refusal is a typed error. */
import { problemSchema } from "@sam/protocol/problem";
import { proofHeader } from "@sam/protocol/session-api";
import type { z } from "zod";

import { ApiProblem, Unreachable, UnreadableAnswer } from "./api-error.ts";
import { noteAnswered, noteUnreachable } from "./connection.ts";
import { keptProof } from "./proof.ts";

/** Above the API's own deadline for what it asks others, so that its word on it arrives. */
const defaultTimeoutMs = 20_000;

export interface Request<Schema extends z.ZodType> {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly answer: Schema;
  /** Ends the request early, as React Query does for a page that was left. */
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
}

/** @throws ApiProblem, Unreachable or UnreadableAnswer; an abort of the caller's own is thrown as it is. */
export async function ask<Schema extends z.ZodType>(request: Request<Schema>): Promise<z.output<Schema>> {
  const response = await send(request);
  const text = await bodyOf(response, request);
  noteAnswered(response.status === 401);
  if (!response.ok) throw refusalOf(response, text);
  const parsed = request.answer.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new UnreadableAnswer(`${request.path} answered what this page does not know`, { cause: parsed.error });
}

async function send(request: Request<z.ZodType>): Promise<Response> {
  const { method = "GET", path, query = {}, body, signal, timeoutMs = defaultTimeoutMs } = request;
  const deadline = AbortSignal.timeout(timeoutMs);
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const search = parameters.size === 0 ? "" : `?${parameters.toString()}`;
  try {
    return await fetch(path + search, {
      method,
      signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
      credentials: "same-origin",
      headers: headersOf(request),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    throw unreachable(request, error);
  }
}

function headersOf({ body }: Request<z.ZodType>): Record<string, string> {
  const proof = keptProof();
  return {
    ...(body === undefined ? {} : { "content-type": "application/json" }),
    ...(proof === null ? {} : { [proofHeader]: proof }),
  };
}

async function bodyOf(response: Response, request: Request<z.ZodType>): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw unreachable(request, error);
  }
}

/** The caller's own abort says nothing about the connection. */
function unreachable(request: Request<z.ZodType>, cause: unknown): unknown {
  if (request.signal?.aborted === true) return cause;
  noteUnreachable(Date.now());
  return new Unreachable("SAM did not answer", { cause });
}

function refusalOf(response: Response, text: string): Error {
  const problem = problemSchema.safeParse(jsonOf(text));
  if (problem.success) return new ApiProblem(problem.data);
  return new UnreadableAnswer(`The answer was ${response.status} without a reason`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
