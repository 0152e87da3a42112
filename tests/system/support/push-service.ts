/**
 * A push service on loopback, and the browser that it serves: it takes pushes as the real ones do (RFC 8030), checks who
 * signed them (RFC 8292), and reads them with the keys that the browser subscribed with (RFC 8291). It shares no code with
 * what it checks.
 */
import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify, type ECDH } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";

import { pushPayloadSchema, type PushPayload } from "@sam/protocol/push-api";
import { z } from "zod";

export interface TakenPush {
  readonly payload: PushPayload;
  /** Whom the push is for and who sent it, as it was signed. */
  readonly claims: { readonly aud: string; readonly exp: number; readonly sub: string };
  readonly signedBy: string;
  readonly topic: string;
}

const claimsSchema = z.object({ aud: z.string(), exp: z.number(), sub: z.string() });
const addressSchema = z.object({ port: z.number() });

export class PushService {
  readonly taken: TakenPush[] = [];
  /** What was wrong with a push: empty at the end of a test. */
  readonly violations: string[] = [];
  readonly #server: Server;
  readonly #ecdh: ECDH = createECDH("prime256v1");
  readonly #auth = randomBytes(16);

  private constructor() {
    this.#ecdh.generateKeys();
    this.#server = createServer((request, response) => {
      void this.#take(request).then((status) => response.writeHead(status).end());
    });
  }

  static async start(): Promise<PushService> {
    const service = new PushService();
    const { promise, resolve } = Promise.withResolvers<void>();
    service.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return service;
  }

  get origin(): string {
    return `http://127.0.0.1:${addressSchema.parse(this.#server.address()).port}`;
  }

  /** What a browser of this service gives when it subscribes. */
  subscription(browser: string) {
    const keys = { p256dh: this.#ecdh.getPublicKey("base64url"), auth: this.#auth.toString("base64url") };
    return { endpoint: `${this.origin}/send/it`, keys, browser };
  }

  async stop(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #take(request: IncomingMessage): Promise<number> {
    try {
      const body = await bodyOf(request);
      const { claims, signedBy } = signed(request.headers.authorization ?? "");
      if (claims.aud !== this.origin) throw new Error(`it is signed for ${claims.aud}`);
      if (request.headers["content-encoding"] !== "aes128gcm") throw new Error("it is not of aes128gcm");
      const payload = pushPayloadSchema.parse(JSON.parse(this.#open(body).toString("utf8")));
      this.taken.push({ payload, claims, signedBy, topic: String(request.headers["topic"]) });
      return 201;
    } catch (error) {
      this.violations.push(String(error));
      return 400;
    }
  }

  #open(body: Buffer): Buffer {
    const salt = body.subarray(0, 16);
    const keyLength = body.readUInt8(20);
    const sender = body.subarray(21, 21 + keyLength);
    const sealed = body.subarray(21 + keyLength);
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.#ecdh.getPublicKey(), sender]);
    const secret = derive(this.#ecdh.computeSecret(sender), this.#auth, info, 32);
    const key = derive(secret, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
    const nonce = derive(secret, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
    const decipher = createDecipheriv("aes-128-gcm", key, nonce);
    decipher.setAuthTag(sealed.subarray(-16));
    const record = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
    const end = record.findLastIndex((byte) => byte !== 0);
    if (record[end] !== 2) throw new Error("it is not one last record");
    return record.subarray(0, end);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(z.instanceof(Buffer).parse(part));
  return Buffer.concat(parts);
}

function signed(authorization: string): Pick<TakenPush, "claims" | "signedBy"> {
  const [, token = "", key = ""] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(authorization) ?? [];
  const [head = "", body = "", signature = ""] = token.split(".");
  const point = Buffer.from(key, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const publicKey = createPublicKey({ key: { kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, format: "jwk" });
  const text = Buffer.from(`${head}.${body}`);
  const isRight = verify(
    "sha256",
    text,
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!isRight) throw new Error("it is not signed with the key that it names");
  return { claims: claimsSchema.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8"))), signedBy: key };
}

function derive(material: Buffer, salt: Buffer, info: Buffer, length: number): Buffer {
  return Buffer.from(hkdfSync("sha256", material, salt, info, length));
}
