/** Secrets: set (`PUT /api/secrets/<name>`), listed without their values, deleted. A value is never shown again. */
import { z } from "zod";

/** As in an environment. SAM's own variables and those that change how programs are found or loaded are refused. */
export const secretNameSchema = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,126}$/, { error: "must be capitals, digits and underscores, such as OPENAI_API_KEY" })
  .refine((name) => !/^(SAM_|LD_|NODE_OPTIONS$|PATH$|HOME$|TMPDIR$|SHELL$|BASH_ENV$|ENV$|GIT_)/.test(name), {
    error: "is a variable that a secret must not set",
  });

export const setSecretSchema = z.object({
  value: z
    .string()
    .min(1, { error: "is empty" })
    .refine((value) => new TextEncoder().encode(value).length <= 32_768, { error: "is longer than 32 KB" })
    .refine((value) => !value.includes("\0"), { error: "holds a NUL character" }),
});

export const secretViewSchema = z.object({
  name: z.string(),
  createdAt: z.number().int(),
  updatedAt: z.number().int(),
  /** The agents whose model it is the key of; empty: it is put into the environment of every agent. */
  keyOf: z.array(z.string()),
});
export type SecretView = z.infer<typeof secretViewSchema>;
export const secretListSchema = z.object({ secrets: z.array(secretViewSchema) });
export const oneSecretSchema = z.object({ secret: secretViewSchema });

/**
 * `POST /api/secrets/rotate`: what is not under the newest key of this installation is encrypted anew under it. Called
 * again it goes on where it ended; with `remaining` 0 the older keys are of no use any more.
 */
export const secretRotationSchema = z.object({
  /** The id of the newest key. */
  keyId: z.string(),
  /** How many secrets this call has encrypted anew. */
  rotated: z.number().int(),
  /** How many are still under an older key. */
  remaining: z.number().int(),
  /** How many of them no key that is set can open. */
  unreadable: z.number().int(),
});
export type SecretRotation = z.infer<typeof secretRotationSchema>;
