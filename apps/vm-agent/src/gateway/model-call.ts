/**
 * A model call is a request that asks a model for an answer. Whatever else an agent asks the model's server (which models
 * there are, how many tokens a text has) is passed on and counts for nothing.
 */
import type { ModelFailureKind } from "@sam/domain/model-calls";

const answers =
  /\/(?:messages|chat\/completions|completions|responses|responses\/compact|models\/[^/]+:(?:stream)?generateContent)$/i;

export function isModelCall(method: string, pathname: string): boolean {
  return method === "POST" && answers.test(pathname);
}

/** @returns how a call failed that was answered with this status; null where it did not. */
export function failureOfStatus(status: number): ModelFailureKind | null {
  if (status < 300) return null;
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 404) return "not_found";
  if (status === 429) return "rate_limited";
  return status >= 500 ? "unavailable" : "refused";
}

/** The kinds of error that model servers name in a stream that had begun well. */
const namedErrors: Readonly<Record<string, ModelFailureKind>> = {
  authentication_error: "unauthorized",
  permission_error: "unauthorized",
  invalid_api_key: "unauthorized",
  not_found_error: "not_found",
  model_not_found: "not_found",
  rate_limit_error: "rate_limited",
  rate_limit_exceeded: "rate_limited",
  insufficient_quota: "rate_limited",
  RESOURCE_EXHAUSTED: "rate_limited",
  invalid_request_error: "refused",
  invalid_prompt: "refused",
  request_too_large: "refused",
  INVALID_ARGUMENT: "refused",
};

/** @returns what an error in a stream means, by its code or type; without one that is known: the server failed. */
export function failureOfName(names: readonly unknown[]): ModelFailureKind {
  for (const name of names) {
    if (typeof name === "number" && name >= 300) return failureOfStatus(name) ?? "unavailable";
    const kind = typeof name === "string" && Object.hasOwn(namedErrors, name) ? namedErrors[name] : undefined;
    if (kind !== undefined) return kind;
  }
  return "unavailable";
}
