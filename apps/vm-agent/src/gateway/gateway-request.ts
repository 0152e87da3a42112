/** What a request at the gateway is turned into: whether it may come in, where it goes, and with which headers. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from "node:http";

import type { ModelDialect } from "@sam/domain/agent-catalog";

/** The model's server that a gateway stands for. */
export interface ModelServer {
  /** What the agent's own paths are added to. */
  readonly baseUrl: URL;
  readonly dialect: ModelDialect;
  /** Null: a server of the owner's own, that asks for none. */
  readonly key: string | null;
}

/** Headers about one connection, not about the message: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const hopByHop: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"],
  ...["te", "trailer", "transfer-encoding", "upgrade", "expect"],
]);
/** Where clients put a key; each is taken out, since only the real one goes on. */
const keyHeaders: ReadonlySet<string> = new Set(["authorization", "x-api-key", "x-goog-api-key", "api-key"]);

/** Whether the request carries this gateway's token, in whichever place its client puts a key. */
export function isAdmitted(request: IncomingMessage, token: string): boolean {
  const { headers } = request;
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1];
  const query = requestUrl(request)?.searchParams.get("key");
  const given = [bearer, headers["x-api-key"], headers["x-goog-api-key"], headers["api-key"], query];
  return given.some((key) => typeof key === "string" && isSame(key, token));
}

/** @returns where the request goes; null where it would leave the path of the model's server. */
export function targetOf(request: IncomingMessage, { baseUrl }: ModelServer): URL | null {
  const asked = requestUrl(request);
  if (asked === null) return null;
  const base = baseUrl.pathname.replace(/\/+$/, "");
  const target = new URL(baseUrl.href);
  target.pathname = `${base}${asked.pathname}`;
  asked.searchParams.delete("key");
  target.search = asked.searchParams.size === 0 ? "" : asked.search;
  const isInside = target.pathname === base || target.pathname.startsWith(`${base}/`);
  return target.origin === baseUrl.origin && isInside ? target : null;
}

/** @returns the headers of the agent's request with the real key in the dialect's own place. */
export function forwardedHeaders(request: IncomingMessage, target: URL, server: ModelServer): OutgoingHttpHeaders {
  return {
    ...endToEnd(request.headers, (name) => keyHeaders.has(name) || name === "host" || name === "accept-encoding"),
    host: target.host,
    // What is packed can't be looked at on its way.
    "accept-encoding": "identity",
    ...(server.key === null ? {} : keyHeader(server.dialect, server.key)),
  };
}

/** @returns the headers of an answer, as they may be passed on. */
export function endToEnd(headers: IncomingHttpHeaders, isLeftOut: (name: string) => boolean = () => false) {
  const named = (headers.connection ?? "").split(",").map((name) => name.trim().toLowerCase());
  const kept = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !hopByHop.has(name) && !named.includes(name) && !isLeftOut(name),
  );
  return Object.fromEntries(kept);
}

function keyHeader(dialect: ModelDialect, key: string): OutgoingHttpHeaders {
  switch (dialect) {
    case "anthropic":
      return { "x-api-key": key };
    case "gemini":
      return { "x-goog-api-key": key };
    case "openai_chat":
    case "openai_responses":
      return { authorization: `Bearer ${key}` };
  }
}

/** Only a path of ours is a request to us: nobody is a proxy here. */
function requestUrl({ url = "" }: IncomingMessage): URL | null {
  return url.startsWith("/") && URL.canParse(`http://gateway${url}`) ? new URL(`http://gateway${url}`) : null;
}

function isSame(given: string, token: string): boolean {
  const left = Buffer.from(given);
  const right = Buffer.from(token);
  return left.length === right.length && timingSafeEqual(left, right);
}
