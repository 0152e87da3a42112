/**
 * Signing in: `POST /api/session` takes a one-time token from a link and answers with the two halves of a session; `GET`
 * says who is signed in; `DELETE` signs out. A link is printed by `npm start`, `sam up` and `sam open`; its token stands in
 * the fragment.
 *
 * A browser sends a cookie to every port of its host, whoever listens there. So a session is its cookie and its proof: the
 * page keeps the proof where only its own origin can read it, and sends it with every request.
 */
import { z } from "zod";

export const signInSchema = z.object({ token: z.string().min(16).max(512) });

export const sessionSchema = z.object({
  ownerId: z.string(),
  /** Milliseconds since 1970; null for a bearer token. */
  expiresAt: z.number().int().nullable(),
});
export type SessionView = z.infer<typeof sessionSchema>;

/** The answer to signing in, and the only one that holds the proof. */
export const signedInSchema = sessionSchema.extend({ proof: z.string() });

/** The header that carries the proof beside the cookie. */
export const proofHeader = "x-sam-proof";

/** A browser's WebSocket has no headers: it offers both of these as subprotocols, and the first is the one selected. */
export const streamProtocol = "sam.stream";
export const proofProtocolPrefix = "sam-proof.";

/** `POST /api/sign-in-links`, with a bearer token: a new link's token. */
export const signInLinkSchema = z.object({ token: z.string(), expiresAt: z.number().int() });
