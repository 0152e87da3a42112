/**
 * How one secret is encrypted: AES-GCM-256 with 96 random bits, bound to its owner and its name, so that a row which was
 * moved to another owner or another name opens no more than one whose bits were changed.
 */
import type { UserId } from "@sam/domain/ids";

import { fromBase64, toBase64 } from "../api/base64.ts";
import type { KeyRing } from "./secret-keys.ts";

/** Whose it is and what it is called: what a ciphertext is bound to. */
export interface SecretRef {
  readonly ownerId: UserId;
  readonly name: string;
}

export interface SealedSecret {
  readonly ciphertext: string;
  readonly iv: string;
  readonly keyId: string;
}

const ivBytes = 12;

/** Encrypts under the newest key. */
export async function seal(ring: KeyRing, ref: SecretRef, value: string): Promise<SealedSecret> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: boundTo(ref) },
    ring.newest.key,
    new TextEncoder().encode(value),
  );
  return { ciphertext: toBase64(new Uint8Array(sealed)), iv: toBase64(iv), keyId: ring.newest.id };
}

/** @returns the value, or null where no key that is set opens it, or it is not what was stored for this owner and name. */
export async function unseal(ring: KeyRing, ref: SecretRef, sealed: SealedSecret): Promise<string | null> {
  const key = ring.all.get(sealed.keyId)?.key;
  const iv = fromBase64(sealed.iv);
  const ciphertext = fromBase64(sealed.ciphertext);
  if (key === undefined || iv === null || ciphertext === null) return null;
  try {
    const algorithm = { name: "AES-GCM", iv, additionalData: boundTo(ref) };
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      await crypto.subtle.decrypt(algorithm, key, ciphertext),
    );
  } catch {
    // The reason is the same for all: the tag does not fit. It says nothing more, and neither do we.
    return null;
  }
}

function boundTo({ ownerId, name }: SecretRef): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(["sam secret", ownerId, name]));
}
