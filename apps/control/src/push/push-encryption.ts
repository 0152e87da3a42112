/**
 * The encryption of a push message for one browser: RFC 8291 with the content coding aes128gcm of RFC 8188, in one record.
 * The push service carries it and can read nothing of it.
 */

/** What a browser gave when it subscribed. */
export interface BrowserKeys {
  /** Its public key, an uncompressed point of P-256: 65 bytes. */
  readonly p256dh: Uint8Array<ArrayBuffer>;
  /** Its shared secret: 16 bytes. */
  readonly auth: Uint8Array<ArrayBuffer>;
}

/** What is drawn for one message; a test gives that of the RFC. */
export interface MessageKeys {
  readonly pair: CryptoKeyPair;
  readonly salt: Uint8Array<ArrayBuffer>;
}

type Bytes = Uint8Array<ArrayBuffer>;

const curve = { name: "ECDH", namedCurve: "P-256" } as const;
const recordBytes = 4096;
const saltBytes = 16;
/** A service sees how long a message is: all are of a multiple of this. */
const paddedTo = 256;
const lastRecord = 2;

/** @returns the body of the push request. */
export async function encryptPush(text: string, browser: BrowserKeys): Promise<Bytes> {
  const plaintext = Uint8Array.from(new TextEncoder().encode(text));
  const pair = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  if (!("privateKey" in pair)) throw new Error("no pair of keys was made");
  const salt = crypto.getRandomValues(new Uint8Array(saltBytes));
  const padding = (paddedTo - ((plaintext.length + 1) % paddedTo)) % paddedTo;
  return encryptWith(plaintext, browser, { pair, salt }, padding);
}

/** @param padding zero bytes behind the message. */
export async function encryptWith(
  plaintext: Bytes,
  browser: BrowserKeys,
  { pair, salt }: MessageKeys,
  padding: number,
): Promise<Bytes> {
  const ownPublic = new Uint8Array(await rawKey(pair.publicKey));
  const theirs = await crypto.subtle.importKey("raw", browser.p256dh, curve, false, []);
  // workerd takes `public`, as the standard has it; its types know another name.
  const agreement: SubtleCryptoDeriveKeyAlgorithm & { readonly public: CryptoKey } = { name: "ECDH", public: theirs };
  const shared = await crypto.subtle.deriveBits(agreement, pair.privateKey, 256);
  const keyInfo = join(ascii("WebPush: info\0"), browser.p256dh, ownPublic);
  const secret = await hkdf(new Uint8Array(shared), browser.auth, keyInfo, 32);
  const key = await hkdf(secret, salt, ascii("Content-Encoding: aes128gcm\0"), 16);
  const nonce = await hkdf(secret, salt, ascii("Content-Encoding: nonce\0"), 12);
  const record = join(plaintext, Uint8Array.of(lastRecord), new Uint8Array(padding));
  const aesKey = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, aesKey, record);
  const size = new Uint8Array(4);
  new DataView(size.buffer).setUint32(0, recordBytes);
  return join(salt, size, Uint8Array.of(ownPublic.length), ownPublic, new Uint8Array(sealed));
}

async function rawKey(key: CryptoKey): Promise<ArrayBuffer> {
  const exported = await crypto.subtle.exportKey("raw", key);
  if (exported instanceof ArrayBuffer) return exported;
  throw new Error("a public key that is no bytes");
}

/** HKDF with SHA-256: extract and expand in one. */
async function hkdf(material: Bytes, salt: Bytes, info: Bytes, length: number): Promise<Bytes> {
  const key = await crypto.subtle.importKey("raw", material, "HKDF", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, length * 8);
  return new Uint8Array(bits);
}

function ascii(text: string): Bytes {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

function join(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
