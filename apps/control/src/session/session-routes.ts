/**
 * The API of signing in. A link is made by whoever has a bearer token already; its token, sent once, opens a session, whose
 * cookie and proof together then stand for its owner.
 */
import { createRoute } from "@hono/zod-openapi";
import { sessionSchema, signedInSchema, signInLinkSchema, signInSchema } from "@sam/protocol/session-api";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { withinD1 } from "../api/d1-deadline.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { requireOwnOrigin } from "../api/own-origin.ts";
import { ApiError, problemResponses } from "../api/problem-response.ts";
import { clearSessionCookie, sessionTokensOf, setSessionCookie } from "./session-cookie.ts";
import { endSessions, makeLink, openSession } from "./session-store.ts";
import { noteFailure, requireFewFailures } from "./sign-in-limit.ts";

/** Reached without a session. */
export const signInRoutes = createApiApp();

signInRoutes.openapi(
  createRoute({
    method: "post",
    path: "/",
    summary: "Sign in with the token of a link, once; the answer sets the session's cookie, and holds its proof",
    request: { body: jsonBody(signInSchema) },
    security: [],
    responses: { 200: jsonAnswer("Who is signed in, until when, by which proof", signedInSchema), ...problemResponses },
  }),
  async (context) => {
    const now = Date.now();
    const database = drizzle(context.env.DB);
    // A page of another site must not sign anybody in; a program sends no origin.
    if (context.req.header("origin") !== undefined) requireOwnOrigin(context.req.raw);
    requireFewFailures(now);
    const session = await withinD1(openSession(database, context.req.valid("json").token, now));
    if (session === null) {
      noteFailure(now);
      throw new ApiError("unauthenticated", "This link was used already, or is too old. Make another: sam open");
    }
    await withinD1(endSessions(database, sessionTokensOf(context)));
    setSessionCookie(context, session.token, session.expiresAt, now);
    const { ownerId, expiresAt, proof } = session;
    return context.json({ ownerId, expiresAt, proof }, 200);
  },
);

export const sessionRoutes = createApiApp();

sessionRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "Who is signed in, until when",
    responses: { 200: jsonAnswer("The session", sessionSchema), ...problemResponses },
  }),
  (context) => {
    const { ownerId, session } = context.var;
    return context.json({ ownerId, expiresAt: session?.expiresAt ?? null }, 200);
  },
);

sessionRoutes.openapi(
  createRoute({
    method: "delete",
    path: "/",
    summary: "Sign out: the session is forgotten, and its two halves open nothing any more",
    responses: { 204: { description: "Signed out" }, ...problemResponses },
  }),
  async (context) => {
    const { session } = context.var;
    if (session === null) throw new ApiError("invalid_input", "A bearer token is no session: it ends by itself.");
    await withinD1(endSessions(drizzle(context.env.DB), [session.token]));
    clearSessionCookie(context);
    context.set("session", null);
    return context.body(null, 204);
  },
);

export const signInLinkRoutes = createApiApp();

signInLinkRoutes.openapi(
  createRoute({
    method: "post",
    path: "/",
    summary: "A link that signs in once, within a quarter of an hour; for a bearer token alone",
    responses: { 201: jsonAnswer("The link's token", signInLinkSchema), ...problemResponses },
  }),
  async (context) => {
    const { ownerId, session } = context.var;
    if (session !== null) {
      throw new ApiError("forbidden", "A session makes no links: with one, a stolen cookie would never end.");
    }
    return context.json(await withinD1(makeLink(drizzle(context.env.DB), ownerId, Date.now())), 201);
  },
);
