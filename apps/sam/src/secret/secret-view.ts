/** A secret in words: what it is for, and when it was set; never what it is. */
import { secretNameSchema, type SecretView } from "@sam/protocol/secret-api";

import { checkedInput } from "../checked-input.ts";
import { plainLine } from "../terminal/plain-text.ts";
import { ago } from "../terminal/times.ts";

/** Such as `the model's key of codex, opencode`. */
export function secretUse({ keyOf }: Pick<SecretView, "keyOf">): string {
  if (keyOf.length === 0) return "in the environment of every agent of yours";
  return `the model's key of ${keyOf.map(plainLine).join(", ")}`;
}

export function secretLine(secret: SecretView, nameWidth: number, nowMs: number): string {
  const set = `set ${ago(secret.updatedAt, nowMs)}`;
  return `${plainLine(secret.name).padEnd(nameWidth)}  ${set.padEnd(18)}  ${secretUse(secret)}`;
}

/** Throws a UsageError for a name that no secret can have. */
export function requireSecretName(name: string, nothing: string): string {
  return checkedInput(secretNameSchema, name, { flags: { "": "the NAME" }, nothing });
}
