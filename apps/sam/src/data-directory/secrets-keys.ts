/**
 * The keys that this installation's secrets are encrypted with: `secrets-keys.json`, for this user alone, newest first.
 * A system that runs takes a changed file up within seconds.
 */
import { randomBytes } from "node:crypto";

import { ulid } from "ulid";
import { z } from "zod";

import { CommandError } from "../exit-code.ts";
import type { DataDirectory } from "./data-directory.ts";
import { parseJson, readFileIfThere, replaceFile } from "./files.ts";
import { acquireLock } from "./lock.ts";

const keyBytes = 32;
const keysSchema = z
  .array(
    z.object({
      id: z.string().regex(/^[\w-]{1,64}$/),
      key: z.string().refine((text) => Buffer.from(text, "base64").length === keyBytes),
    }),
  )
  .min(1);
export type SecretsKeys = z.infer<typeof keysSchema>;

/** Reads the keys, or draws the first one. A broken file is never replaced: what it held may be had from a copy. */
export function loadSecretsKeys(directory: DataDirectory, nowMs: number): SecretsKeys {
  const known = readSecretsKeys(directory);
  if (known !== null) return known;
  const drawn = [drawKey(nowMs)];
  writeSecretsKeys(directory, drawn);
  return drawn;
}

/** @returns the keys; null where there is no file. Throws a CommandError where it holds something else. */
export function readSecretsKeys({ secretsKeys: path }: DataDirectory): SecretsKeys | null {
  const text = readFileIfThere(path);
  if (text === null) return null;
  const parsed = keysSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new CommandError(
    `${path} does not hold the keys of this installation's secrets any more. It was kept as it is. Put it back from a ` +
      `copy; or remove it, and set every secret again.`,
  );
}

/** A change of the newest key, by one process at a time. */
export interface KeyRotation {
  /** The id of the new key, which the running system is to take up. */
  readonly keyId: string;
  /** Removes the older keys. To be called once nothing is encrypted with them any more. */
  dropOlder(): void;
  /** Ends it, with or without `dropOlder`; another rotation goes on from what is there. */
  release(): void;
}

/**
 * Adds a new key in front of the others, which stay valid.
 * @returns the rotation, or null where another process is at it. Throws where the file cannot be read or written.
 */
export function beginKeyRotation(directory: DataDirectory, nowMs: number): KeyRotation | null {
  const lock = acquireLock(directory.secretsKeysLock);
  if (lock === null) return null;
  try {
    const fresh = drawKey(nowMs);
    writeSecretsKeys(directory, [fresh, ...loadSecretsKeys(directory, nowMs)]);
    return {
      keyId: fresh.id,
      dropOlder: () => writeSecretsKeys(directory, [fresh]),
      release: () => lock.release(),
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function drawKey(nowMs: number): SecretsKeys[number] {
  return { id: ulid(nowMs), key: randomBytes(keyBytes).toString("base64") };
}

function writeSecretsKeys(directory: DataDirectory, keys: SecretsKeys): void {
  replaceFile(directory.secretsKeys, `${JSON.stringify(keys, null, 2)}\n`, 0o600);
}
