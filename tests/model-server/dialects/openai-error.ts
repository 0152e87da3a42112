/** How OpenAI's two dialects say that something went wrong. */

export function openaiError(status: number, message: string): unknown {
  const codes: Readonly<Record<number, string>> = {
    401: "invalid_api_key",
    404: "model_not_found",
    429: "rate_limit_exceeded",
  };
  const type = status >= 500 ? "server_error" : "invalid_request_error";
  return { error: { message, type, param: null, code: codes[status] ?? null } };
}
