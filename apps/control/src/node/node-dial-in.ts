/** A VM agent dials in. Only a node that was requested has an object to ask; anybody else is turned away before it. */
import type { NodeId } from "@sam/domain/ids";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";

import { nodesTable } from "../database/schema.ts";
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";

const callTimeoutMs = 10_000;

export async function dialIn(env: Env, nodeId: NodeId, request: Request): Promise<Response> {
  const known = drizzle(env.DB)
    .select({ nodeId: nodesTable.nodeId })
    .from(nodesTable)
    .where(eq(nodesTable.nodeId, nodeId));
  if ((await within("D1", callTimeoutMs, known)).length === 0) return new Response("no such node", { status: 401 });
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return new Response("the node channel is a WebSocket", { status: 426 });
  }
  return within(nodeId, callTimeoutMs, env.NODE_LIFECYCLE.getByName(nodeId).fetch(request));
}
