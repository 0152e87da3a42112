/** The key of a request, wherever its dialect puts it. */
import type { IncomingMessage } from "node:http";

/** @returns the key, or null where none was given. */
export function keyOf({ headers, url = "/" }: IncomingMessage): string | null {
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? "")?.[1];
  const given = headers["x-api-key"] ?? headers["x-goog-api-key"] ?? bearer;
  if (typeof given === "string") return given;
  return new URL(url, "http://127.0.0.1").searchParams.get("key");
}

/** @returns its last four characters: enough to tell two keys apart, not enough to use one. */
export function fingerprintOf(key: string | null): string | null {
  return key?.slice(-4) ?? null;
}
