/** What a NodeLifecycle does in the world: at the provider, and by telling tasks. Each effect is idempotent. */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { NodeEffect, NodeEvent } from "@sam/domain/node-event";
import type { NodeFacts } from "@sam/domain/node-facts";
import { isFinalNodeState } from "@sam/domain/node-lifecycle";
import type { NodeObservation } from "@sam/domain/task-event";
import type { UserData } from "@sam/protocol/user-data";
import { installationLabel, nodeLabel, type Provider, type ProviderServer } from "@sam/providers/provider";
import { and, asc, eq, inArray } from "drizzle-orm";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { builtOnce, given } from "../database/built-once.ts";
import { tasksTable } from "../database/schema.ts";
import { settingsOf, type Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { refusalOf } from "./node-provider.ts";
import { searchingSteps } from "./node-search.ts";

export interface NodeWorld {
  readonly env: Env;
  readonly database: DrizzleD1Database;
  readonly provider: () => Provider;
  /** Draws a token and stores its hash, before the server that will carry it is asked for. */
  readonly mintToken: () => Promise<Pick<UserData, "token" | "tokenExpiresAt">>;
}

type EffectOf<Kind extends NodeEffect["kind"]> = Extract<NodeEffect, { kind: Kind }>;

const callTimeoutMs = 10_000;
const mostTold = 50;

export async function carryOut(effect: NodeEffect, facts: NodeFacts, world: NodeWorld): Promise<NodeEvent | null> {
  switch (effect.kind) {
    case "read_machine":
      // What a machine is interests nobody once it is gone; a catalog that cannot be read must not be asked for ever.
      return facts.state === "destroyed" ? null : readMachine(facts, world);
    case "create_server":
      return facts.state === "requested" ? createServer(facts, world) : adoptServer(facts, world);
    case "observe_server":
      return observeServer(facts, world);
    case "destroy_server":
      return facts.state === "destroying" ? destroyServer(facts, world) : null;
    case "tell_task":
      await within(effect.taskId, callTimeoutMs, tellTask(effect.taskId, facts, world.env));
      return null;
    case "tell_saved_work":
      await within(effect.taskId, callTimeoutMs, tellSavedWork(effect, facts, world.env));
      return null;
    case "tell_saved_work_gone":
      await within(effect.taskId, callTimeoutMs, tellSavedWorkGone(effect, facts, world.env));
      return null;
    case "offer_capacity":
      await within("the offer of capacity", callTimeoutMs, offerCapacity(facts, world));
      return null;
  }
}

export function observationOf(facts: NodeFacts): NodeObservation {
  const { lastContactAt } = facts.clocks;
  return {
    nodeId: facts.request.nodeId,
    state: facts.state,
    mark: `${facts.version}/${facts.serverStatus ?? "none"}`,
    failure: facts.failure,
    detail: facts.detail,
    ...(facts.mustGo ? { mustGo: true } : {}),
    ...(lastContactAt === null ? {} : { heardAt: lastContactAt }),
  };
}

async function readMachine(facts: NodeFacts, world: NodeWorld): Promise<NodeEvent> {
  const { machineType, location } = facts.request;
  const catalog = await world.provider().catalog();
  const found = catalog.machineTypes.find((it) => it.name === machineType);
  if (found === undefined || found.vcpu === null || found.memoryBytes === null) {
    const why = found === undefined ? `${catalog.source} lists no ${machineType}` : `${catalog.source} names no size`;
    return { type: "machine_read", machine: { known: false, machineType, why } };
  }
  const { vcpu, memoryBytes, diskBytes, monthlyPrice } = found;
  const { source, readAt } = catalog;
  return {
    type: "machine_read",
    machine: { known: true, machineType, vcpu, memoryBytes, diskBytes, monthlyPrice, location, source, readAt },
  };
}

/** A create whose reply was lost is found by its tag and taken over, never made twice. */
async function createServer(facts: NodeFacts, world: NodeWorld): Promise<NodeEvent> {
  const { nodeId, machineType, location } = facts.request;
  const { INSTALLATION_ID: installationId, CONTROL_URL: controlUrl } = world.env;
  if (installationId === undefined || controlUrl === undefined) {
    return { type: "server_refused", failure: "rejected", detail: "INSTALLATION_ID and CONTROL_URL are not set" };
  }
  try {
    const existing = await serversOf(facts.request.nodeId, world.provider());
    const first = existing[0];
    if (first !== undefined) return { type: "server_created", serverId: first.id, status: first.status };
    const userData: UserData = { nodeId, controlUrl, ...(await world.mintToken()) };
    const server = await world.provider().createServer({
      name: nodeId.toLowerCase().replace("_", "-"),
      machineType,
      location,
      labels: { [installationLabel]: installationId, [nodeLabel]: nodeId },
      userData: JSON.stringify(userData),
    });
    return { type: "server_created", serverId: server.id, status: server.status };
  } catch (error) {
    const refusal = refusalOf(error);
    if (refusal === null) throw error;
    return { type: "server_refused", ...refusal };
  }
}

/** Its VM agent was there before the reply to the create. */
async function adoptServer(facts: NodeFacts, world: NodeWorld): Promise<NodeEvent | null> {
  if (facts.serverId !== null || isFinalNodeState(facts.state)) return null;
  const [server] = await serversOf(facts.request.nodeId, world.provider());
  return server === undefined ? null : { type: "server_observed", serverId: server.id, status: server.status };
}

async function observeServer(facts: NodeFacts, world: NodeWorld): Promise<NodeEvent> {
  const server =
    facts.serverId === null
      ? (await serversOf(facts.request.nodeId, world.provider()))[0]
      : await world.provider().getServer(facts.serverId);
  return server === undefined || server === null
    ? { type: "server_gone" }
    : { type: "server_observed", serverId: server.id, status: server.status };
}

/** Destroys whatever carries this node's tag; gone is gone only when the provider lists nothing under it. */
async function destroyServer(facts: NodeFacts, world: NodeWorld): Promise<NodeEvent | null> {
  const servers = await serversOf(facts.request.nodeId, world.provider());
  if (servers.length === 0) return { type: "server_gone" };
  const outcomes = await Promise.all(servers.map((server) => world.provider().destroyServer(server.id)));
  return outcomes.every((outcome) => outcome === "gone") ? { type: "server_gone" } : null;
}

/** What the provider lists under a node's tag: none, one, or more where a create was made twice. */
export function serversOf(nodeId: NodeId, provider: Provider): Promise<readonly ProviderServer[]> {
  return provider.listServers({ labels: { [nodeLabel]: nodeId } });
}

async function tellTask(taskId: TaskId, facts: NodeFacts, env: Env): Promise<void> {
  await env.TASK_RUNNER.getByName(taskId).nodeObserved(observationOf(facts));
}

async function tellSavedWork({ taskId, work }: EffectOf<"tell_saved_work">, facts: NodeFacts, env: Env): Promise<void> {
  await env.TASK_RUNNER.getByName(taskId).savedWorkReported(facts.request.nodeId, work);
}

/** It was removed here, as its task had asked, and the answer was lost. A task that did not ask is told nothing by it. */
async function tellSavedWorkGone(effect: EffectOf<"tell_saved_work_gone">, facts: NodeFacts, env: Env): Promise<void> {
  const { taskId, commit } = effect;
  const { nodeId, ownerId } = facts.request;
  const detail = `${nodeId}, which alone had it, has it no more`;
  await env.TASK_RUNNER.getByName(taskId).savedWorkForgotten(ownerId, { taskId, commit, remote: "absent", detail });
}

const longestWaiting = builtOnce((database) =>
  database
    .select({ taskId: tasksTable.taskId })
    .from(tasksTable)
    .where(and(eq(tasksTable.ownerId, given("ownerId")), inArray(tasksTable.step, [...searchingSteps])))
    .orderBy(asc(tasksTable.createdAt), asc(tasksTable.taskId))
    .limit(given("limit"))
    .prepare(),
);

/**
 * Tells the tasks of this owner that look for a node since longest; each then searches by itself. As many are told as
 * there can be slots, since several nodes may have room at once and each of them sees the same tasks at the head.
 */
async function offerCapacity(facts: NodeFacts, { env, database }: NodeWorld): Promise<void> {
  const { maxNodes, tasksPerNode } = settingsOf(env);
  const { ownerId } = facts.request;
  const limit = Math.min(maxNodes * tasksPerNode, mostTold);
  const waiting = await longestWaiting(database).all({ ownerId, limit });
  await Promise.all(waiting.map(({ taskId }) => env.TASK_RUNNER.getByName(taskId).capacityFreed()));
}
