/** The API of nodes: list, look, destroy. */
import { createRoute, z } from "@hono/zod-openapi";
import { nodeListSchema, nodeViewSchema, type NodeView } from "@sam/protocol/node-api";

import { createApiApp } from "../api/api-app.ts";
import { ApiError, problemResponses } from "../api/problem-response.ts";
import { within } from "../lifecycle/deadline.ts";
import { listNodes, ownNode, viewOf } from "./node-list.ts";

const nodeParams = z.object({ nodeId: z.string() });
const oneNode = z.object({ node: nodeViewSchema });
const giveUpTimeoutMs = 10_000;

export const nodeRoutes = createApiApp();

nodeRoutes.openapi(
  createRoute({
    method: "get",
    path: "/",
    summary: "Your nodes, with what each machine really is",
    responses: {
      200: { description: "Nodes", content: { "application/json": { schema: nodeListSchema } } },
      ...problemResponses,
    },
  }),
  async (context) => context.json(await listNodes(context.env, context.var.ownerId, Date.now()), 200),
);

nodeRoutes.openapi(
  createRoute({
    method: "get",
    path: "/{nodeId}",
    summary: "One node",
    request: { params: nodeParams },
    responses: {
      200: { description: "The node", content: { "application/json": { schema: oneNode } } },
      ...problemResponses,
    },
  }),
  async (context) => {
    const { nodeId } = context.req.valid("param");
    const own = await ownNode(context.env, context.var.ownerId, nodeId);
    const node = own === null ? null : await viewOf(context.env, own);
    if (node === null) throw new ApiError("not_found", `You have no node ${nodeId}.`);
    return context.json({ node }, 200);
  },
);

nodeRoutes.openapi(
  createRoute({
    method: "post",
    path: "/{nodeId}/destroy",
    summary:
      "Give a node up: it takes no new task, and is destroyed when its last one lets go. What lies on it and nowhere else is given up only with `discardUnsaved`",
    request: { params: nodeParams, query: z.object({ discardUnsaved: z.stringbool().default(false) }) },
    responses: {
      202: { description: "The node, going", content: { "application/json": { schema: oneNode } } },
      ...problemResponses,
    },
  }),
  async (context) => {
    const { nodeId } = context.req.valid("param");
    const own = await ownNode(context.env, context.var.ownerId, nodeId);
    if (own === null) throw new ApiError("not_found", `You have no node ${nodeId}.`);
    const { discardUnsaved } = context.req.valid("query");
    if (!discardUnsaved) requireNothingHeld(await viewOf(context.env, own));
    const lifecycle = context.env.NODE_LIFECYCLE.getByName(own);
    const given = lifecycle.giveUp("destroyed_by_owner", "its owner asked for it", discardUnsaved);
    const node = await within<NodeView | null>(own, giveUpTimeoutMs, given);
    if (node === null) throw new ApiError("not_found", `${nodeId} has not begun yet. Try again in a moment.`);
    return context.json({ node }, 202);
  },
);

/** @throws ApiError that names what would be lost. Tasks that are at work are let end first, and are no reason. */
function requireNothingHeld(node: NodeView | null): void {
  const lost = (node?.holds ?? []).filter(({ taskId }) => node?.claims.includes(taskId) !== true);
  if (node === null || lost.length === 0) return;
  const named = lost.map(({ taskId, what }) => `${what} (${taskId})`).join("; ");
  throw new ApiError(
    "not_allowed_now",
    `${node.nodeId} has what is nowhere else: ${named}. Nothing was changed. With discardUnsaved it is lost.`,
  );
}
