/** The encryption of a push, held against the example of RFC 8291, appendix A. */
import { describe, expect, it } from "vitest";

import { fromBase64url, toBase64url } from "../api/base64url.ts";
import { encryptPush, encryptWith } from "./push-encryption.ts";

const bytes = (text: string) => {
  const read = fromBase64url(text);
  if (read === null) throw new Error(`not base64url: ${text}`);
  return read;
};

const senderPublic = "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
const browserPublic = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const browser = { p256dh: bytes(browserPublic), auth: bytes("BTBZMqHH6r4Tts7J_aSIgg") };
const text = "When I grow up, I want to be a watermelon";
const message =
  "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml" +
  "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT" +
  "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

async function pairOf(publicText: string, d: string): Promise<CryptoKeyPair> {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const point = bytes(publicText);
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: toBase64url(point.slice(1, 33)),
    y: toBase64url(point.slice(33)),
    ext: true,
  };
  return {
    publicKey: await crypto.subtle.importKey("raw", point, curve, true, []),
    privateKey: await crypto.subtle.importKey("jwk", { ...jwk, d }, curve, true, ["deriveBits"]),
  };
}

describe("a push message", () => {
  it("with the keys and the salt of the RFC is the RFC's, byte by byte", async () => {
    const pair = await pairOf(senderPublic, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw");
    const sealed = await encryptWith(
      Uint8Array.from(new TextEncoder().encode(text)),
      browser,
      { pair, salt: bytes("DGv6ra1nlYgDCS1FRnbzlw") },
      0,
    );
    expect(toBase64url(sealed)).toBe(message);
  });

  it("is never the same twice, and as long as any other of its size", async () => {
    const [one, other] = await Promise.all([encryptPush(text, browser), encryptPush(text, browser)]);
    expect(toBase64url(one)).not.toBe(toBase64url(other));
    const short = await encryptPush("x", browser);
    expect([one.length, other.length]).toEqual([short.length, short.length]);
  });
});
