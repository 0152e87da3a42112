/**
 * A browser that takes pushes, and its push service, for the tests of the Worker: it subscribes with keys of its own, checks
 * who signed a push, and reads it as a browser would (RFC 8291, RFC 8292), or answers as a service that has a bad day.
 */
import { pushPayloadSchema, type PushPayload } from "@sam/protocol/push-api";
import { ulid } from "ulid";
import { vi } from "vitest";
import { z } from "zod";

import { fromBase64url, toBase64url } from "../../src/api/base64url.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface TakenPush {
  readonly payload: PushPayload;
  readonly headers: Headers;
  readonly claims: { readonly aud: string; readonly exp: number; readonly sub: string };
  /** The public key that it was signed with. */
  readonly signedBy: string;
  readonly bytes: number;
}

const claimsSchema = z.object({ aud: z.string(), exp: z.number(), sub: z.string() });
const curve = { name: "ECDH", namedCurve: "P-256" };

export class PushBrowser {
  readonly endpoint = `https://push.example.com/send/${ulid()}`;
  readonly taken: TakenPush[] = [];
  /** What the service answers, or that it does not. */
  answers: number | "unreachable" = 201;
  /** How often it was asked. */
  asked = 0;
  readonly #pair: CryptoKeyPair;
  readonly #auth = crypto.getRandomValues(new Uint8Array(16));

  private constructor(pair: CryptoKeyPair) {
    this.#pair = pair;
  }

  static async make(): Promise<PushBrowser> {
    const pair = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
    if (!("privateKey" in pair)) throw new Error("no pair");
    return new PushBrowser(pair);
  }

  async subscription(browser = "Firefox on Linux") {
    const keys = { p256dh: toBase64url(await this.#publicKey()), auth: toBase64url(this.#auth) };
    return { endpoint: this.endpoint, keys, browser };
  }

  /** Its service takes a push, or answers otherwise. */
  async handle(request: Request): Promise<Response> {
    this.asked += 1;
    if (this.answers === "unreachable") throw new TypeError("the network is unreachable");
    if (this.answers >= 300) return new Response(null, { status: this.answers });
    const body = new Uint8Array(await request.arrayBuffer());
    const { claims, signedBy } = await signed(request);
    const text = new TextDecoder().decode(await this.#open(body));
    const payload = pushPayloadSchema.parse(JSON.parse(text));
    this.taken.push({ payload, headers: request.headers, claims, signedBy, bytes: body.length });
    return new Response(null, { status: this.answers });
  }

  /** The receiver's side of RFC 8291: what the sender's public key and salt in the head of the message make. */
  async #open(body: Bytes): Promise<Bytes> {
    const salt = body.slice(0, 16);
    const keyLength = body[20] ?? 0;
    const sender = body.slice(21, 21 + keyLength);
    const theirs = await crypto.subtle.importKey("raw", sender, curve, false, []);
    const agreement: SubtleCryptoDeriveKeyAlgorithm & { readonly public: CryptoKey } = { name: "ECDH", public: theirs };
    const shared = new Uint8Array(await crypto.subtle.deriveBits(agreement, this.#pair.privateKey, 256));
    const info = new Uint8Array([...ascii("WebPush: info\0"), ...(await this.#publicKey()), ...sender]);
    const secret = await derive(shared, this.#auth, info, 32);
    const key = await derive(secret, salt, ascii("Content-Encoding: aes128gcm\0"), 16);
    const iv = await derive(secret, salt, ascii("Content-Encoding: nonce\0"), 12);
    const aes = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
    const record = new Uint8Array(
      await crypto.subtle.decrypt({ name: "AES-GCM", iv }, aes, body.slice(21 + keyLength)),
    );
    const end = record.findLastIndex((byte) => byte !== 0);
    if (record[end] !== 2) throw new Error("not the last record");
    return record.slice(0, end);
  }

  async #publicKey(): Promise<Bytes> {
    const raw = await crypto.subtle.exportKey("raw", this.#pair.publicKey);
    if (!(raw instanceof ArrayBuffer)) throw new Error("no bytes");
    return new Uint8Array(raw);
  }
}

/** From here on a push to one of these browsers goes to it; everything else goes where it went. */
export function routePushes(...browsers: readonly PushBrowser[]): void {
  const direct = globalThis.fetch;
  vi.spyOn(globalThis, "fetch").mockImplementation((input, init) => {
    const request = new Request(input, init);
    const browser = browsers.find(({ endpoint }) => endpoint === request.url);
    return browser === undefined ? direct(request) : browser.handle(request);
  });
}

async function signed(request: Request): Promise<Pick<TakenPush, "claims" | "signedBy">> {
  const [, token = "", key = ""] =
    /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(request.headers.get("authorization") ?? "") ?? [];
  const [head = "", body = "", signature = ""] = token.split(".");
  const raw = bytesOf(key);
  const publicKey = await crypto.subtle.importKey("raw", raw, { name: "ECDSA", namedCurve: "P-256" }, false, [
    "verify",
  ]);
  const text = new TextEncoder().encode(`${head}.${body}`);
  const isRight = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, publicKey, bytesOf(signature), text);
  if (!isRight) throw new Error("the push is not signed with the key that it names");
  const claims = claimsSchema.parse(JSON.parse(new TextDecoder().decode(bytesOf(body))));
  return { claims, signedBy: key };
}

function bytesOf(text: string): Bytes {
  const bytes = fromBase64url(text);
  if (bytes === null) throw new Error("not base64url");
  return bytes;
}

async function derive(material: Bytes, salt: Bytes, info: Bytes, length: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", material, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, length * 8);
  return new Uint8Array(bits);
}

function ascii(text: string): Bytes {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
