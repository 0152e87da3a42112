/** An error of the machine host's API, in the style of a cloud's: an HTTP status, a code of a closed list, and words. */
export const apiErrorStatuses = {
  invalid_input: 422,
  not_found: 404,
  method_not_allowed: 405,
  uniqueness_error: 409,
  in_use: 409,
  resource_limit_exceeded: 403,
  /** This machine can't, now: its disk is full, for instance. */
  resource_unavailable: 503,
  /** The machine host isn't up, or is going down. */
  service_unavailable: 503,
  internal_error: 500,
} as const;

export type ApiErrorCode = keyof typeof apiErrorStatuses;

export class ApiError extends Error {
  readonly code: ApiErrorCode;
  /** For `invalid_input`: the field that was refused. */
  readonly field: string | null;

  constructor(code: ApiErrorCode, message: string, field: string | null = null, cause?: unknown) {
    super(message, { cause });
    this.code = code;
    this.field = field;
  }

  toResponse(): Response {
    const error = { code: this.code, message: this.message, ...(this.field === null ? {} : { field: this.field }) };
    return Response.json({ error }, { status: apiErrorStatuses[this.code] });
  }
}
