/**
 * Where a push may be sent. A browser names its push service, and whoever subscribes could name anything: only a public
 * name over https is taken. On a person's own machine loopback is, too: whoever signs in there can reach it anyway.
 */
import type { Env } from "../env.ts";

/** @returns why this address is not taken; null where it is. */
export function endpointRefusal({ PROVIDER }: Pick<Env, "PROVIDER">, endpoint: string): string | null {
  const { protocol, hostname, username, password } = new URL(endpoint);
  if (username !== "" || password !== "") return "holds a name or a password";
  if (PROVIDER === "local" && isLoopback(hostname) && (protocol === "http:" || protocol === "https:")) return null;
  if (protocol !== "https:") return "must be an https URL";
  return isPublicName(hostname) ? null : "must be at a public name";
}

function isLoopback(hostname: string): boolean {
  return hostname === "127.0.0.1" || hostname === "localhost" || hostname === "[::1]";
}

/** A name with a dot, and no address: neither `localhost` nor `10.0.0.1` nor `[fd00::1]`. */
function isPublicName(hostname: string): boolean {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}$/i.test(hostname) && !/\.(local|internal|localhost)$/i.test(hostname);
}
