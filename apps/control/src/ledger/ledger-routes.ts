/** The API of the ledger: look, and have something of ours that no node owns destroyed now. */
import { createRoute, z } from "@hono/zod-openapi";
import { ledgerSchema, listedKindSchema, oneLedgerEntrySchema } from "@sam/protocol/ledger-api";
import { drizzle } from "drizzle-orm/d1";

import { createApiApp } from "../api/api-app.ts";
import { withinD1 } from "../api/d1-deadline.ts";
import { jsonAnswer } from "../api/json-content.ts";
import { ApiError, problemResponses } from "../api/problem-response.ts";
import { settingsOf } from "../env.ts";
import { sweepWorldOf } from "../sweep/sweep-world.ts";
import { runAlone } from "../sweep/sweep.ts";
import { readEntry, wantDestroyed } from "./ledger-book.ts";
import { entryView, isShown, ledgerView, mayDestroy } from "./ledger-view.ts";
import { compareNow } from "./sweep-ledger.ts";

const thingParams = z.object({ kind: listedKindSchema, id: z.string().min(1).max(256) });

export const ledgerRoutes = createApiApp();

ledgerRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "What the provider lists, held against our nodes",
    responses: { 200: jsonAnswer("The ledger", ledgerSchema), ...problemResponses },
  }),
  async (context) => {
    const { env } = context;
    const reader = {
      database: drizzle(env.DB),
      settings: settingsOf(env),
      provider: env.PROVIDER,
      installationId: env.INSTALLATION_ID ?? null,
      ownerId: context.var.ownerId,
    };
    return context.json(await withinD1(ledgerView(reader)), 200);
  },
);

ledgerRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{kind}/{id}/destroy",
    summary: "Have something that is ours and no node's destroyed now, with the work that lies on it",
    request: { params: thingParams },
    responses: { 202: jsonAnswer("What was done about it", oneLedgerEntrySchema), ...problemResponses },
  }),
  async (context) => {
    const { env } = context;
    const key = { provider: env.PROVIDER, ...context.req.valid("param") };
    const database = drizzle(env.DB);
    const entry = await withinD1(readEntry(database, key));
    if (entry === null || !isShown(entry, context.var.ownerId)) {
      throw new ApiError("not_found", `The ledger has no ${key.kind} ${key.id} of yours.`);
    }
    if (!mayDestroy(entry)) throw new ApiError("not_allowed_now", `${key.id} is not touched: ${entry.why}.`);
    await withinD1(wantDestroyed(database, entry, Date.now()));
    // Listed and judged anew, so what a node turned out to own meanwhile is left alone.
    await runAlone(sweepWorldOf(env), Date.now(), "ledger", compareNow);
    const after = (await withinD1(readEntry(database, key))) ?? entry;
    return context.json({ entry: entryView(after, settingsOf(env)) }, 202);
  },
);
