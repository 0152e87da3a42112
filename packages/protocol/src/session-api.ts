/**
 * Signing in: `POST /api/session` takes a one-time token from a link and answers with a cookie; `GET` says who is signed
 * in; `DELETE` signs out. A link is printed by `npm start`, `sam up` and `sam open`; its token stands in the fragment.
 */
import { z } from "zod";

export const signInSchema = z.object({ token: z.string().min(16).max(512) });

export const sessionSchema = z.object({
  ownerId: z.string(),
  /** Milliseconds since 1970; null for a bearer token. */
  expiresAt: z.number().int().nullable(),
});
export type SessionView = z.infer<typeof sessionSchema>;

/** `POST /api/sign-in-links`, with a bearer token: a new link's token. */
export const signInLinkSchema = z.object({ token: z.string(), expiresAt: z.number().int() });
