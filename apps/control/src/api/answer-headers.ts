/** What every answer of the API says beside itself: it is data of one owner, for no cache, and it is what it says it is. */
import { createMiddleware } from "hono/factory";

export const answerHeaders = createMiddleware(async (context, next) => {
  await next();
  // The answer to an upgrade is a socket, and cannot be made anew with other headers.
  if (context.res.status === 101) return;
  context.header("cache-control", "no-store");
  context.header("x-content-type-options", "nosniff");
  context.header("content-security-policy", "default-src 'none'; frame-ancestors 'none'");
  context.header("referrer-policy", "no-referrer");
});
