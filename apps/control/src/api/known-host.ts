/**
 * Under which names this control plane is served. On a person's own machine a page of the web can give its own name the
 * address 127.0.0.1 and so speak to us as if we were that page (DNS rebinding): its name in `Host` gives it away.
 */
import { createMiddleware } from "hono/factory";

import type { Env } from "../env.ts";
import { ApiError } from "./problem-response.ts";

const loopbackNames: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** In front of every route. A deployed Worker is reached under its own names alone, whatever `Host` says. */
export const requireKnownHost = createMiddleware<{ Bindings: Env }>(async (context, next) => {
  const { env, req } = context;
  const named = [new URL(req.url).host, req.header("host") ?? null].filter((host) => host !== null);
  if (env.PROVIDER === "local" && !named.every((host) => isKnown(env, host))) {
    throw new ApiError("forbidden", `This is not served under that name. Use ${env.CONTROL_URL ?? "127.0.0.1"}.`);
  }
  await next();
});

function isKnown(env: Env, host: string): boolean {
  const url = urlOf(`http://${host}`);
  if (url === null) return false;
  return loopbackNames.has(url.hostname) || url.host === urlOf(env.CONTROL_URL ?? "")?.host;
}

function urlOf(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}
