/** Who calls: every route but health asks here first. A token names an owner, has a scope, and expires. */
import type { UserId } from "@sam/domain/ids";
import { and, eq, gt } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { createMiddleware } from "hono/factory";

import { apiTokensTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { ApiError } from "./problem-response.ts";
import { bearerOf, hashToken } from "./token.ts";

export interface ApiContext {
  readonly Bindings: Env;
  readonly Variables: { readonly ownerId: UserId };
}

const d1TimeoutMs = 10_000;

async function ownerOf(env: Env, request: Request, now: number): Promise<UserId | null> {
  const token = bearerOf(request);
  if (token === null) return null;
  const tokenHash = await hashToken(token);
  const [row] = await drizzle(env.DB)
    .select({ ownerId: apiTokensTable.ownerId })
    .from(apiTokensTable)
    .where(and(eq(apiTokensTable.tokenHash, tokenHash), gt(apiTokensTable.expiresAt, now)));
  return row?.ownerId ?? null;
}

export const requireSession = createMiddleware<ApiContext>(async (context, next) => {
  const ownerId = await within("D1", d1TimeoutMs, ownerOf(context.env, context.req.raw, Date.now()));
  if (ownerId === null) {
    throw new ApiError("unauthenticated", "Send the token as `Authorization: Bearer …`. Locally it is in .sam/token.");
  }
  context.set("ownerId", ownerId);
  await next();
});
