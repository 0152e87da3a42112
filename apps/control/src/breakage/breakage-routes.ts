/**
 * The API of breakages: what was broken here on purpose, what became of each promise, and one more. Only a launcher gives
 * the way to break something, and only to its own person: for anybody else, and anywhere else, there is no such route.
 */
import { createRoute } from "@hono/zod-openapi";
import { breakages, proofOf } from "@sam/domain/breakage";
import type { UserId } from "@sam/domain/ids";
import {
  breakageListSchema,
  breakageViewSchema,
  breakRequestSchema,
  type BreakageView,
  type KeptBreakage,
  sceneSchema,
} from "@sam/protocol/breakage-api";
import { z } from "zod";

import { createApiApp } from "../api/api-app.ts";
import { jsonAnswer, jsonBody } from "../api/json-content.ts";
import { ApiError, problemResponses } from "../api/problem-response.ts";
import type { Env } from "../env.ts";
import { ownNode, viewOf } from "../node/node-list.ts";
import { askToBreak, canBreak, keepProofs, listKept } from "./breakage-binding.ts";
import { readScene } from "./breakage-scene.ts";

export const breakageRoutes = createApiApp();

breakageRoutes.use("*", async ({ env, req, var: { ownerId } }, next) => {
  if (!canBreak(env, ownerId)) throw new ApiError("not_found", `There is no ${req.method} ${req.path} here.`);
  await next();
});

breakageRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    hide: true,
    responses: { 200: jsonAnswer("Newest first", breakageListSchema), ...problemResponses },
  }),
  async (context) => {
    const { env, var: scope } = context;
    return context.json({ breakages: await viewsOf(env, scope.ownerId) }, 200);
  },
);

breakageRoutes.openapi(
  createRoute({
    method: "post",
    path: "/",
    hide: true,
    request: { body: jsonBody(breakRequestSchema) },
    responses: { 201: jsonAnswer("Under way", z.object({ breakage: breakageViewSchema })), ...problemResponses },
  }),
  async (context) => {
    const { env, var: scope } = context;
    const { kind, nodeId, durationMs } = context.req.valid("json");
    const { ofNode, defaultMs } = breakages[kind];
    if ((await viewsOf(env, scope.ownerId)).some((view) => !isDecided(view))) {
      throw new ApiError(
        "not_allowed_now",
        "The promises about what was broken last are not proven yet. Wait for them.",
      );
    }
    const victim = ofNode ? await serverOf(env, scope.ownerId, nodeId) : null;
    const before = await readScene(env, scope.ownerId, null);
    const breakage = await askToBreak(env, {
      kind,
      nodeId: ofNode ? nodeId : null,
      serverId: victim,
      durationMs: durationMs ?? defaultMs ?? 0,
      before: JSON.stringify(before),
    });
    const proofs = proofOf(breakage.deed, before, before);
    return context.json({ breakage: { id: breakage.id, deed: breakage.deed, proofs: [...proofs] } }, 201);
  },
);

async function serverOf(env: Env, ownerId: UserId, nodeId: string | null): Promise<string> {
  const own = nodeId === null ? null : await ownNode(env, ownerId, nodeId);
  const node = own === null ? null : await viewOf(env, own);
  if (nodeId === null) throw new ApiError("invalid_input", "Say which node: nodeId.");
  if (node === null) throw new ApiError("not_found", `You have no node ${nodeId}.`);
  if (node.serverId === null || !node.connected) {
    throw new ApiError(
      "not_allowed_now",
      `${nodeId} is ${node.state} and not connected: there is nothing to break yet.`,
    );
  }
  return node.serverId;
}

async function viewsOf(env: Env, ownerId: UserId): Promise<BreakageView[]> {
  const kept = await listKept(env);
  return Promise.all(kept.map((breakage) => viewOfBreakage(env, ownerId, breakage)));
}

/** Read from the facts as they are now, until each promise is decided; then it is kept as it was. */
async function viewOfBreakage(env: Env, ownerId: UserId, kept: KeptBreakage): Promise<BreakageView> {
  const { id, deed, before } = kept;
  if (kept.proofs !== null) return { id, deed, proofs: kept.proofs };
  const scene = sceneSchema.parse(JSON.parse(before));
  const view = { id, deed, proofs: [...proofOf(deed, scene, await readScene(env, ownerId, scene))] };
  if (isDecided(view)) await keepProofs(env, view);
  return view;
}

function isDecided({ proofs }: BreakageView): boolean {
  return proofs.every(({ holds }) => holds !== null);
}
