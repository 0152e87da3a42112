/**
 * A scene: one owner of its own, their client, a provider that behaves as told, and a clock that only the test moves.
 * Objects are evicted before each of their alarms, so nothing in it can depend on memory.
 */
import { makeId, type NodeId, type TaskId, type UserId } from "@sam/domain/ids";
import type { NodeState } from "@sam/domain/node-lifecycle";
import type { TaskStep } from "@sam/domain/task-lifecycle";
import { nodeListSchema, nodeViewSchema, type NodeView } from "@sam/protocol/node-api";
import { systemSchema, type SystemView } from "@sam/protocol/system-api";
import type { TaskRow, TaskView } from "@sam/protocol/task-api";
import { abortAllDurableObjects, createScheduledController, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { ulid } from "ulid";
import { z } from "zod";

import worker from "../../src/worker.ts";
import type { DoubleBehaviour } from "./machine-host-double.ts";
import { VmAgentDouble, type Habits } from "./vm-agent-double.ts";
import { working } from "./vm-agent-script.ts";
import {
  Client,
  Clock,
  double,
  evictAndRunAlarm,
  eventually,
  expectOneRowChangeForEachTransition,
  objectOf,
  prepareDatabase,
  tokenFor,
} from "./world.ts";

export const secondMs = 1_000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;

export class Scene {
  readonly ownerId: UserId;
  readonly client: Client;
  readonly clock: Clock;

  private constructor(ownerId: UserId, client: Client, clock: Clock) {
    this.ownerId = ownerId;
    this.client = client;
    this.clock = clock;
  }

  static async open(behaviour: Partial<DoubleBehaviour> = {}): Promise<Scene> {
    // What an earlier scene left under way ends here, and not in the middle of this one.
    await abortAllDurableObjects();
    await prepareDatabase();
    await double.reset(behaviour);
    const clock = new Clock();
    const ownerId = makeId("user", ulid());
    return new Scene(ownerId, new Client(await tokenFor(ownerId)), clock);
  }

  /** Another owner, in the same world and at the same time. */
  async beside(): Promise<Scene> {
    const ownerId = makeId("user", ulid());
    return new Scene(ownerId, new Client(await tokenFor(ownerId)), this.clock);
  }

  async submit(body: Record<string, unknown> = {}): Promise<TaskId> {
    return (await this.client.submit(body)).taskId;
  }

  /** Waits until the task is in this step, and its row says so. */
  async inStep(taskId: TaskId, step: TaskStep): Promise<TaskView> {
    const task = await eventually(
      `${taskId} in ${step}`,
      () => this.client.task(taskId),
      (it) => it.step === step,
    );
    await this.rowIn(taskId, step);
    return task;
  }

  async rowIn(taskId: TaskId, step: TaskStep): Promise<TaskRow> {
    const row = await eventually(
      `the row of ${taskId} in ${step}`,
      () => this.client.row(taskId),
      (it) => it?.step === step,
    );
    if (row === undefined) throw new Error("no row");
    return row;
  }

  async nodes(): Promise<NodeView[]> {
    const response = await this.client.fetch("/api/nodes");
    return nodeListSchema.parse(await response.json()).nodes;
  }

  async node(nodeId: NodeId): Promise<NodeView> {
    const response = await this.client.fetch(`/api/nodes/${nodeId}`);
    return z.object({ node: nodeViewSchema }).parse(await response.json()).node;
  }

  nodeIn(nodeId: NodeId, state: NodeState): Promise<NodeView> {
    return eventually(
      `${nodeId} in ${state}`,
      () => this.node(nodeId),
      (it) => it.state === state,
    );
  }

  async nodeOf(taskId: TaskId): Promise<NodeId> {
    const { nodeId } = await eventually(
      `the node of ${taskId}`,
      () => this.client.task(taskId),
      (it) => it.nodeId !== null,
    );
    if (nodeId === null) throw new Error("no node");
    return nodeId;
  }

  /** The VM agent of the task's node boots, as soon as the provider has that server. */
  async bootAgentOf(taskId: TaskId, habits: Partial<Habits> = {}): Promise<VmAgentDouble> {
    const nodeId = await this.nodeOf(taskId);
    await this.nodeIn(nodeId, "booting");
    return VmAgentDouble.boot(nodeId, habits);
  }

  /** A node whose only task is over and has let it go. @returns it, that task, and the VM agent. */
  async warmNode(): Promise<{ readonly taskId: TaskId; readonly nodeId: NodeId; readonly agent: VmAgentDouble }> {
    const taskId = await this.submit();
    const agent = await this.bootAgentOf(taskId, { onCommand: working() });
    const { nodeId } = agent;
    await this.inStep(taskId, "completed");
    await this.nodeIn(nodeId, "warm");
    await this.settled(taskId, nodeId);
    return { taskId, nodeId, agent };
  }

  /** Time passes, and every alarm of these objects that has come due runs, each after an eviction. */
  async pass(ms: number, ...ids: readonly (TaskId | NodeId)[]): Promise<void> {
    this.clock.advance(ms);
    for (const id of ids) await evictAndRunAlarm(id);
  }

  passUntil(at: number, ...ids: readonly (TaskId | NodeId)[]): Promise<void> {
    return this.pass(at - this.clock.now, ...ids);
  }

  /** Waits until nothing is on its way out of these objects: every effect was carried out. */
  async settled(...ids: readonly (TaskId | NodeId)[]): Promise<void> {
    await eventually(
      `rest in ${ids.join(", ")}`,
      async () => (await Promise.all(ids.map(openEffects))).flat(),
      (open) => open.length === 0,
    );
  }

  /** The schedule fires: one run of the sweep. @returns what it wrote down about itself. */
  async sweep(): Promise<NonNullable<SystemView["lastSweep"]>> {
    await worker.scheduled(createScheduledController({ scheduledTime: this.clock.now, cron: "* * * * *" }), env);
    const response = await this.client.fetch("/api/system");
    const { lastSweep } = systemSchema.parse(await response.json());
    if (lastSweep === null) throw new Error("no sweep was written down");
    return lastSweep;
  }

  /** The rule that every task is held against: as many row changes in D1 as transitions. */
  async expectOneRowChangeForEachTransition(taskId: TaskId): Promise<void> {
    await this.settled(taskId);
    await expectOneRowChangeForEachTransition(this.client, taskId);
  }
}

/** @returns what is in the outbox of an object and not done yet. */
export async function openEffects(id: TaskId | NodeId): Promise<string[]> {
  const sql = "SELECT key, last_error FROM outbox WHERE done_at IS NULL";
  return runInDurableObject(objectOf(id), (_instance: unknown, state) =>
    state.storage.sql
      .exec(sql)
      .toArray()
      .map((row) => JSON.stringify(row)),
  );
}

/** Takes a table of D1 away, as an outage or a broken migration would. @returns what gives it back. */
export async function takeTableAway(table: string): Promise<() => Promise<void>> {
  await env.DB.prepare(`ALTER TABLE ${table} RENAME TO ${table}_away`).run();
  return async () => {
    await env.DB.prepare(`ALTER TABLE ${table}_away RENAME TO ${table}`).run();
  };
}

/** The platform forgets the alarm, and the object crashes: nothing of it would ever look again by itself. */
export async function loseAlarm(id: TaskId | NodeId): Promise<void> {
  await runInDurableObject(objectOf(id), (_instance: unknown, state) => state.storage.deleteAlarm());
  await abortAllDurableObjects();
}

export function alarmOf(id: TaskId | NodeId): Promise<number | null> {
  return runInDurableObject(objectOf(id), (_instance: unknown, state) => state.storage.getAlarm());
}

/** Runs SQL in an object's own storage, behind its back, and lets it crash. */
export async function tamper(id: TaskId | NodeId, sql: string, ...bindings: unknown[]): Promise<unknown[][]> {
  const rows = await runInDurableObject(objectOf(id), (_instance: unknown, state) => [
    ...state.storage.sql.exec(sql, ...bindings).raw(),
  ]);
  await abortAllDurableObjects();
  return rows;
}
