/**
 * One call to the machine host's API: a request with a deadline, an answer that is parsed, and every failure as a typed
 * `ProviderError`, told apart by HTTP status and error code.
 */
import { z } from "zod";

import { ProviderError, type ProviderErrorCode } from "./provider-error.ts";

export interface ApiTransport {
  readonly fetcher: { fetch(request: Request): Promise<Response> };
  /** The deadline of one call, from sending the request to having parsed the answer. */
  readonly timeoutMs: number;
}

export interface ApiCall<Schema extends z.ZodType> {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly answer: Schema;
}

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), field: z.string().optional() }),
});

/** Codes that say more than their HTTP status does. */
const errorCodes: ReadonlyMap<string, ProviderErrorCode> = new Map([
  ["resource_limit_exceeded", "quota_exceeded"],
  ["resource_unavailable", "capacity"],
  ["uniqueness_error", "name_taken"],
  ["in_use", "in_use"],
  ["invalid_input", "invalid_input"],
  ["not_found", "not_found"],
  ["unauthorized", "unauthorized"],
  ["rate_limit_exceeded", "rate_limited"],
]);

/** @throws ProviderError, and nothing else. */
export async function callApi<Schema extends z.ZodType>(
  transport: ApiTransport,
  call: ApiCall<Schema>,
): Promise<z.output<Schema>> {
  const what = `${call.method} ${call.path.split("?")[0] ?? call.path}`;
  const { status, text } = await exchange(transport, call, what);
  const json = parseJson(text);
  if (status < 200 || status > 299) throw errorOf(status, json, what);
  const answer = call.answer.safeParse(json);
  if (answer.success) return answer.data;
  throw new ProviderError("unavailable", `${what} was answered with ${status}, but not in the API's format`, {
    status,
    cause: answer.error,
  });
}

async function exchange(
  transport: ApiTransport,
  call: Pick<ApiCall<z.ZodType>, "method" | "path" | "body">,
  what: string,
): Promise<{ status: number; text: string }> {
  const abort = new AbortController();
  const expiry = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    // Rejected first: the error is the timeout, not the abort that it causes.
    expiry.reject(new ProviderError("timeout", `${what} was not answered within ${transport.timeoutMs} ms`));
    abort.abort();
  }, transport.timeoutMs);
  try {
    return await Promise.race([send(transport, call, abort.signal), expiry.promise]);
  } catch (error) {
    if (error instanceof ProviderError) throw error;
    throw new ProviderError("unavailable", `${what} could not be sent, or its answer not be read`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function send(
  transport: ApiTransport,
  call: Pick<ApiCall<z.ZodType>, "method" | "path" | "body">,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const request = new Request(`http://machine-host${call.path}`, {
    method: call.method,
    signal,
    ...(call.body === undefined
      ? {}
      : { body: JSON.stringify(call.body), headers: { "content-type": "application/json" } }),
  });
  const response = await transport.fetcher.fetch(request);
  return { status: response.status, text: await response.text() };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function errorOf(status: number, json: unknown, what: string): ProviderError {
  const said = errorSchema.safeParse(json).data?.error;
  const code = (said === undefined ? undefined : errorCodes.get(said.code)) ?? codeOfStatus(status);
  return new ProviderError(code, said?.message ?? `${what} was answered with ${status}`, {
    status,
    ...(said?.field === undefined ? {} : { field: said.field }),
  });
}

/**
 * What a status says by itself. Not 404: whoever answers so without the API's own `not_found` (a proxy, a wrong binding)
 * has not said that the server is gone, and on that word a machine would be given up.
 */
function codeOfStatus(status: number): ProviderErrorCode {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return "rate_limited";
  if (status === 400 || status === 413 || status === 422) return "invalid_input";
  return "unavailable";
}
