/**
 * Who calls: every route but health and signing in asks here first. Either a bearer token, or the two halves of a session
 * that was opened by a link, its cookie and its proof; each names an owner and expires.
 */
import type { UserId } from "@sam/domain/ids";
import { and, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";

import { apiTokensTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import { sessionTokensOf, setSessionCookie } from "../session/session-cookie.ts";
import { findSession, isDueForRenewal, renewSession, type WebSession } from "../session/session-store.ts";
import { report } from "../system/report.ts";
import { withinD1 } from "./d1-deadline.ts";
import { isUpgrade, requireOwnOrigin } from "./own-origin.ts";
import { ApiError } from "./problem-response.ts";
import { proofOf } from "./session-proof.ts";
import { bearerOf, hashToken } from "./token.ts";

export interface ApiContext {
  readonly Bindings: Env;
  readonly Variables: {
    readonly ownerId: UserId;
    /** Null: the caller has a bearer token. */
    readonly session: WebSession | null;
  };
}

export const requireSession = createMiddleware<ApiContext>(async (context, next) => {
  if (context.req.header("authorization") !== undefined) {
    const ownerId = await withinD1(ownerOfToken(context.env, context.req.raw, Date.now()));
    if (ownerId === null) throw unauthenticated();
    context.set("ownerId", ownerId);
    context.set("session", null);
    return next();
  }
  const session = await requireBothHalves(context);
  context.set("ownerId", session.ownerId);
  context.set("session", session);
  await next();
  await keepAlive(context, session);
});

async function ownerOfToken(env: Env, request: Request, now: number): Promise<UserId | null> {
  const token = bearerOf(request);
  if (token === null) return null;
  const tokenHash = await hashToken(token);
  const [row] = await drizzle(env.DB)
    .select({ ownerId: apiTokensTable.ownerId })
    .from(apiTokensTable)
    .where(and(eq(apiTokensTable.tokenHash, tokenHash), gt(apiTokensTable.expiresAt, now)));
  return row?.ownerId ?? null;
}

async function requireBothHalves(context: Context<ApiContext>): Promise<WebSession> {
  const shown = { tokens: sessionTokensOf(context), proof: proofOf(context.req.raw) };
  const session = await withinD1(findSession(drizzle(context.env.DB), shown, Date.now()));
  if (session === null) throw unauthenticated();
  requireOwnOrigin(context.req.raw);
  return session;
}

/** Whoever looks in now and then stays signed in. A socket's answer carries no cookie, so it renews nothing. */
async function keepAlive(context: Context<ApiContext>, session: WebSession): Promise<void> {
  const now = Date.now();
  const signedOut = context.var.session === null;
  if (signedOut || isUpgrade(context.req.raw) || !isDueForRenewal(session, now)) return;
  try {
    const expiresAt = await withinD1(renewSession(drizzle(context.env.DB), session, now));
    if (expiresAt !== null) setSessionCookie(context, session.token, expiresAt, now);
  } catch (error) {
    // What was asked for is done already; the next request renews.
    report("the renewal of a session", error);
  }
}

function unauthenticated(): ApiError {
  return new ApiError(
    "unauthenticated",
    "Sign in with a link (`sam open` makes one), or send the token as `Authorization: Bearer …`; locally it is in .sam/token.",
  );
}
