/** One request to the control plane: it has a deadline, and what comes back is parsed or refused. */
import { z } from "zod";

import { parseJson } from "../data-directory/files.ts";
import { CommandError } from "../exit-code.ts";
import { exchange, type HttpAnswer, type HttpMethod } from "../http/exchange.ts";
import { apiError, Unreachable } from "./api-error.ts";
import type { Endpoint } from "./endpoint.ts";

const defaultTimeoutMs = 15_000;

export interface RequestOptions {
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

export interface ApiRequest extends RequestOptions {
  readonly method: HttpMethod;
  /** With its query. */
  readonly path: string;
}

/** Throws an ApiError where it was refused, Unreachable where nothing answered in time. */
export async function requestJson<Schema extends z.ZodType>(
  endpoint: Endpoint,
  request: ApiRequest,
  schema: Schema,
): Promise<z.output<Schema>> {
  const { status, text } = await send(endpoint, request);
  if (status >= 400) throw apiError(status, text);
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new CommandError(
    `The control plane's answer to ${request.method} ${request.path} is not of its protocol:\n` +
      `${z.prettifyError(parsed.error)}\n` +
      `It may be of another version than this command. Start SAM again: sam down && sam up`,
  );
}

async function send(endpoint: Endpoint, request: ApiRequest): Promise<HttpAnswer> {
  const { method, path, body, timeoutMs = defaultTimeoutMs } = request;
  try {
    return await exchange(`${endpoint.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${endpoint.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs,
    });
  } catch (error) {
    throw new Unreachable(endpoint.url, error);
  }
}
