/**
 * The keys that secrets are encrypted with: AES-256, given by the variable SECRETS_KEYS, newest first. The newest one
 * encrypts and all of them decrypt, so a rotation leaves no moment in which a secret cannot be read.
 */
import { z } from "zod";

import { fromBase64 } from "../api/base64.ts";
import { ApiError } from "../api/problem-response.ts";
import { ConfigurationError, type Env } from "../env.ts";

export interface SecretsKey {
  readonly id: string;
  readonly key: CryptoKey;
}

export interface KeyRing {
  readonly newest: SecretsKey;
  /** By id. */
  readonly all: ReadonlyMap<string, SecretsKey>;
}

const keyBytes = 32;

// The messages are our own: not one of them may repeat a part of what stands there.
const keysSchema = z
  .array(
    z.object(
      {
        id: z.string({ error: "is not a text" }).regex(/^[\w-]{1,64}$/, { error: "is not an id" }),
        key: z.string({ error: "is not a text" }).transform((text, context): Uint8Array<ArrayBuffer> => {
          const bytes = fromBase64(text);
          if (bytes?.length === keyBytes) return bytes;
          context.addIssue({ code: "custom", message: `is not the base64 of ${keyBytes} bytes` });
          return z.NEVER;
        }),
      },
      { error: 'is not a key, such as {"id": "2026-01", "key": "…"}' },
    ),
    { error: "is not a JSON array of keys" },
  )
  .min(1, { error: "holds no key" })
  .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, { error: "has the same id twice" });

type RawKeys = z.infer<typeof keysSchema>;

/** For as long as this Worker runs the text is the same. A promise is not kept: it would belong to another request. */
let lastRead: { readonly text: string; readonly keys: RawKeys } | null = null;
let lastRing: { readonly keys: RawKeys; readonly ring: KeyRing } | null = null;

/** @returns the keys; null where the installation has none. Throws a ConfigurationError that names each bad field. */
export function readSecretsKeys({ SECRETS_KEYS: text = "" }: Pick<Env, "SECRETS_KEYS">): RawKeys | null {
  if (text === "") return null;
  if (lastRead?.text === text) return lastRead.keys;
  const parsed = keysSchema.safeParse(jsonOf(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${["SECRETS_KEYS", ...path].join(".")}: ${message}`);
    throw new ConfigurationError(faults.join("; "));
  }
  lastRead = { text, keys: parsed.data };
  return parsed.data;
}

/** @returns the installation's keys, ready for use; null where it has none. */
export async function findKeyRing(env: Pick<Env, "SECRETS_KEYS">): Promise<KeyRing | null> {
  const keys = readSecretsKeys(env);
  if (keys === null) return null;
  if (lastRing?.keys === keys) return lastRing.ring;
  const ring = await importKeys(keys);
  lastRing = { keys, ring };
  return ring;
}

/** Throws an ApiError that says what to set where the installation has no keys. */
export async function requireKeyRing(env: Pick<Env, "SECRETS_KEYS">): Promise<KeyRing> {
  const ring = await findKeyRing(env);
  if (ring !== null) return ring;
  throw new ApiError("unavailable", noKeysMessage);
}

export const noKeysMessage =
  "This installation has no key to encrypt secrets with: set the variable SECRETS_KEYS to " +
  '[{"id": "…", "key": "<base64 of 32 random bytes>"}].';

async function importKeys(keys: RawKeys): Promise<KeyRing> {
  const imported = await Promise.all(
    keys.map(async ({ id, key }) => ({
      id,
      key: await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt", "decrypt"]),
    })),
  );
  const [newest] = imported;
  if (newest === undefined) throw new Error("a key ring without a key");
  return { newest, all: new Map(imported.map((key) => [key.id, key])) };
}

/** Without its cause: the error of `JSON.parse` repeats a part of the text. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
