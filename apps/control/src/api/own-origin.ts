/** A cookie comes along with a request of any page; `Origin` says which page made it, and no page can change that. */
import { ApiError } from "./problem-response.ts";

export function isUpgrade(request: Request): boolean {
  return request.headers.get("upgrade")?.toLowerCase() === "websocket";
}

/** Throws where a request that is no mere look was made by another page than ours, or by none. */
export function requireOwnOrigin(request: Request): void {
  const looks = (request.method === "GET" || request.method === "HEAD") && !isUpgrade(request);
  if (looks || request.headers.get("origin") === new URL(request.url).origin) return;
  throw new ApiError(
    "forbidden",
    "With a session's cookie this is taken from SAM's own page alone; a program sends a token.",
  );
}
