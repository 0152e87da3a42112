/**
 * VAPID (RFC 8292): who sends a push proves that it is who the browser subscribed to, by a token that is signed for one
 * push service and holds for half a day.
 */
import { z } from "zod";

import { fromBase64url, toBase64url } from "../api/base64url.ts";

/** The private key of an installation, as it is stored: a JWK of P-256. */
export const vapidJwkSchema = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});
export type VapidJwk = z.infer<typeof vapidJwkSchema>;

const curve = { name: "ECDSA", namedCurve: "P-256" } as const;
const lifetimeMs = 12 * 60 * 60 * 1000;

export async function makeVapidKey(): Promise<VapidJwk> {
  const pair = await crypto.subtle.generateKey(curve, true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new Error("no pair of keys was made");
  return vapidJwkSchema.parse(await crypto.subtle.exportKey("jwk", pair.privateKey));
}

/** @returns the public key as a browser takes it: an uncompressed point, base64url. */
export function publicKeyOf({ x, y }: VapidJwk): string {
  const [xBytes, yBytes] = [fromBase64url(x), fromBase64url(y)];
  if (xBytes?.length !== 32 || yBytes?.length !== 32) throw new Error("the key of the notifications is no point");
  return toBase64url(Uint8Array.of(4, ...xBytes, ...yBytes));
}

/** @param contact whom a push service can turn to: an https or mailto URL. @returns the `Authorization` header. */
export async function vapidHeader(key: VapidJwk, endpoint: URL, contact: string, now: number): Promise<string> {
  const claims = { aud: endpoint.origin, exp: Math.floor((now + lifetimeMs) / 1000), sub: contact };
  const signed = `${encoded({ typ: "JWT", alg: "ES256" })}.${encoded(claims)}`;
  const privateKey = await crypto.subtle.importKey("jwk", { ...key, ext: true }, curve, false, ["sign"]);
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode(signed));
  return `vapid t=${signed}.${toBase64url(new Uint8Array(signature))}, k=${publicKeyOf(key)}`;
}

/** What proves that whoever calls back has read the push of this id. Nothing of it is stored. */
export async function receiptToken({ d }: VapidJwk, pushId: string): Promise<string> {
  const raw = fromBase64url(d);
  if (raw === null) throw new Error("the key of the notifications is not base64url");
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(`the receipt of ${pushId}`));
  return toBase64url(new Uint8Array(mac));
}

function encoded(value: object): string {
  return toBase64url(new TextEncoder().encode(JSON.stringify(value)));
}
