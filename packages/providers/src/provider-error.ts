/**
 * Why a provider's call failed, as a closed list. An adapter tells them apart by HTTP status and by the provider's own
 * error code, never by the text. A retryable error may succeed when the same call is made again later.
 */
export const providerErrorCodes = {
  quota_exceeded: { retryable: true, means: "the account's quota is used up" },
  capacity: { retryable: true, means: "the provider has no such machine free" },
  invalid_input: { retryable: false, means: "the provider refused the request" },
  unauthorized: { retryable: false, means: "the provider refused the credentials" },
  not_found: { retryable: false, means: "the provider knows no such thing" },
  in_use: { retryable: false, means: "something else still uses it" },
  name_taken: { retryable: false, means: "another server has this name" },
  rate_limited: { retryable: true, means: "too many calls in too short a time" },
  unavailable: { retryable: true, means: "the provider could not answer, or not in its own format" },
  timeout: { retryable: true, means: "no answer in time; what became of the request is not known" },
} as const;

export type ProviderErrorCode = keyof typeof providerErrorCodes;

export interface ProviderErrorDetails {
  /** The HTTP status of the answer, if there was one. */
  readonly status?: number;
  /** For `invalid_input`: the field that was refused, if the provider named it. */
  readonly field?: string;
  readonly cause?: unknown;
}

export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly code: ProviderErrorCode;
  readonly retryable: boolean;
  readonly status: number | null;
  readonly field: string | null;

  /** @param message the provider's own words, for a person; nothing is decided by them. */
  constructor(code: ProviderErrorCode, message: string, details: ProviderErrorDetails = {}) {
    super(message, { cause: details.cause });
    this.code = code;
    this.retryable = providerErrorCodes[code].retryable;
    this.status = details.status ?? null;
    this.field = details.field ?? null;
  }
}
