/**
 * `sam secrets rotate`: a new key for the secrets of this installation. It is added beside the older ones, every secret is
 * encrypted anew under it, and only then are the older ones forgotten; cut off anywhere, it can be called again.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { type SecretRotation, secretRotationSchema } from "@sam/protocol/secret-api";

import { ApiError, Unreachable } from "../client/api-error.ts";
import type { CommandContext } from "../command-context.ts";
import { beginKeyRotation, type KeyRotation } from "../data-directory/secrets-keys.ts";
import { CommandError, type ExitCode, exitCodes } from "../exit-code.ts";
import { printJson } from "../terminal/json-output.ts";

/** The system that runs looks at the file every second, and starts its control plane again with it. */
const takeUpTimeoutMs = 60_000;
const lookIntervalMs = 250;
/** The control plane itself gives up a call that takes longer. */
const callTimeoutMs = 30_000;

export async function rotateSecretsCommand(context: CommandContext): Promise<ExitCode> {
  const { api, directory, json, terminal } = context;
  // Without a system that takes the new key up, nothing is begun.
  api.locate();
  const rotation = beginKeyRotation(directory, Date.now());
  if (rotation === null)
    throw new CommandError("Another rotation is under way. Wait for its end, or end it, and try again.");
  try {
    terminal.status("waiting for the control plane to take up the new key");
    const first = await untilTakenUp(context, rotation);
    const rotated = await rotateAll(context, first);
    terminal.status(null);
    requireAllReadable(rotated.last);
    rotation.dropOlder();
    if (json) printJson({ keyId: rotation.keyId, rotated: rotated.count });
    else {
      const count = rotated.count === 1 ? "1 secret is" : `${rotated.count} secrets are`;
      terminal.line(`✓ ${count} encrypted anew under the key ${rotation.keyId}; the older keys are forgotten.`);
    }
    return exitCodes.completed;
  } finally {
    terminal.status(null);
    rotation.release();
  }
}

/** The control plane is away for a moment when it takes the key up. @returns its first answer under the new key. */
async function untilTakenUp(context: CommandContext, rotation: KeyRotation): Promise<SecretRotation> {
  const deadlineAt = Date.now() + takeUpTimeoutMs;
  for (;;) {
    const answer = await rotateOnce(context);
    if (answer?.keyId === rotation.keyId) return answer;
    if (Date.now() > deadlineAt) {
      throw new CommandError(
        `The control plane did not take up the new key within a minute. Every key is kept and every secret can be read. ` +
          `Its log says why; then try again: sam secrets rotate`,
      );
    }
    await sleep(lookIntervalMs);
  }
}

/** One call does a part; it is called until nothing is left that can be read. */
async function rotateAll(
  context: CommandContext,
  first: SecretRotation,
): Promise<{ count: number; last: SecretRotation }> {
  let last = first;
  let count = first.rotated;
  while (last.remaining > last.unreadable) {
    context.terminal.status(`${last.remaining} secrets are still under an older key`);
    const next = await rotateOnce(context);
    if (next === null) await sleep(lookIntervalMs);
    else {
      // A secret that is set at this very moment may need another round; one that makes no progress would never end.
      if (next.rotated === 0 && next.remaining >= last.remaining && next.remaining > next.unreadable) {
        throw new CommandError("The rotation makes no progress. Every key is kept; try again: sam secrets rotate");
      }
      count += next.rotated;
      last = next;
    }
  }
  return { count, last };
}

function requireAllReadable({ remaining }: SecretRotation): void {
  if (remaining === 0) return;
  throw new CommandError(
    `${remaining} ${remaining === 1 ? "secret" : "secrets"} can be read with none of the keys. The others are encrypted ` +
      `anew, and every key is kept. Set again, or delete, what cannot be read: sam secrets list`,
  );
}

/** @returns null where the control plane is away or busy for the moment. */
async function rotateOnce({ api }: CommandContext): Promise<SecretRotation | null> {
  try {
    return await api.request("POST", "/api/secrets/rotate", secretRotationSchema, { timeoutMs: callTimeoutMs });
  } catch (error) {
    if (error instanceof Unreachable || (error instanceof ApiError && error.status >= 500)) return null;
    throw error;
  }
}
