/**
 * The Durable Object of one node. A thin shell around the engine and the channel: it holds the storage, the alarm and
 * the VM agent's socket. It alone speaks to the provider about its server.
 */
import type { TaskId } from "@sam/domain/ids";
import { begin } from "@sam/domain/node-decision/decide";
import type { NodeFacts, NodeRequest } from "@sam/domain/node-facts";
import { isFinalNodeState, type NodeFailureReason } from "@sam/domain/node-lifecycle";
import type { OwnerSays } from "@sam/domain/sweep";
import type { NodeObservation } from "@sam/domain/task-event";
import type { NodeView } from "@sam/protocol/node-api";
import { nodeCommandSchema } from "@sam/protocol/node-command";
import { DurableObject } from "cloudflare:workers";
import { drizzle as drizzleD1 } from "drizzle-orm/d1";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";

import { outagesOf, settingsOf, type Env } from "../env.ts";
import { LifecycleStore } from "../lifecycle/lifecycle-store.ts";
import { nodeMigrations } from "../lifecycle/object-migrations.ts";
import { answerClose } from "../lifecycle/socket-close.ts";
import { report } from "../system/report.ts";
import { NodeBoots } from "./node-boots.ts";
import { NodeChannel } from "./node-channel.ts";
import { NodeCommands } from "./node-commands.ts";
import { observationOf, serversOf } from "./node-effects.ts";
import { createNodeEngine, projectionLane, type NodeEngine, type NodeIntent } from "./node-engine.ts";
import { projectionOf, writeProjection } from "./node-projection.ts";
import { providerOf } from "./node-provider.ts";
import { NodeTokens } from "./node-tokens.ts";
import { nodeView } from "./node-view.ts";

export interface ClaimOutcome {
  readonly claimed: boolean;
  readonly node: NodeObservation | null;
}

export class NodeLifecycle extends DurableObject<Env> {
  readonly #store: LifecycleStore<NodeFacts, NodeIntent>;
  readonly #commands: NodeCommands;
  readonly #channel: NodeChannel;
  readonly #engine: NodeEngine;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    const database = drizzle(context.storage);
    void context.blockConcurrencyWhile(() => migrate(database, nodeMigrations));
    const settings = settingsOf(env);
    const tokens = new NodeTokens(database, settings.nodeTokenMs);
    this.#store = new LifecycleStore(database);
    this.#commands = new NodeCommands(database);
    this.#engine = createNodeEngine({
      store: this.#store,
      world: {
        env,
        database: drizzleD1(env.DB),
        provider: () => providerOf(env),
        mintToken: () => tokens.mint(Date.now()),
      },
      settings,
      outages: outagesOf(env),
      clock: () => Date.now(),
      setAlarm: (at) => {
        void (at === null ? context.storage.deleteAlarm() : context.storage.setAlarm(at));
      },
      committed: ({ facts }) => {
        if (isFinalNodeState(facts.state)) this.#commands.forgetAll();
      },
      report: (what, error) => {
        report(`node ${context.id.name ?? ""}: ${what}`, error);
      },
    });
    this.#channel = new NodeChannel({
      context,
      env,
      commands: this.#commands,
      tokens,
      boots: new NodeBoots(database),
      facts: () => this.#engine.facts(),
      handle: (event) => this.#engine.handle(event),
    });
  }

  override async alarm(): Promise<void> {
    await this.#engine.alarm({ type: "look" });
  }

  /** The VM agent dials in. */
  override fetch(request: Request): Promise<Response> {
    return this.#channel.accept(request);
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    await this.#channel.message(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    answerClose(socket, code);
  }

  /** Begins this node, once, with the task that asked for it holding its first slot. */
  async request(request: NodeRequest, taskId: TaskId): Promise<NodeObservation> {
    if (this.#engine.facts() === null) {
      this.#engine.commit(begin(request, taskId, Date.now(), settingsOf(this.env)));
      await this.#engine.settle(projectionLane);
    }
    return observationOf(this.#facts());
  }

  /** Compare-and-set on a slot; claiming again what the task holds already is no second claim. */
  claim(taskId: TaskId): ClaimOutcome {
    const facts = this.#engine.handle({ type: "claimed", taskId });
    if (facts === null) return { claimed: false, node: null };
    return { claimed: facts.claims.includes(taskId), node: observationOf(facts) };
  }

  /** Lets a task's slot go. @returns what proves it. */
  release(taskId: TaskId): string {
    this.#commands.forgetTask(taskId);
    const facts = this.#engine.handle({ type: "released", taskId });
    if (facts === null) return "no such node was ever requested";
    const { nodeId, slots } = facts.request;
    return `${nodeId} is ${facts.state}, with ${facts.claims.length} of ${slots} slots in use`;
  }

  observe(): NodeObservation | null {
    const facts = this.#engine.facts();
    return facts === null ? null : observationOf(facts);
  }

  view(): NodeView | null {
    const facts = this.#engine.facts();
    return facts === null ? null : nodeView(facts, this.#channel.connected);
  }

  /** Takes a command, once, and sends it when the VM agent listens. A node that is going takes none. */
  async enqueue(commandJson: string): Promise<void> {
    const command = nodeCommandSchema.parse(JSON.parse(commandJson));
    const facts = this.#facts();
    if (!facts.claims.includes(command.taskId)) return;
    if (command.body.type === "create_workspace") await this.#attachRepository(facts, command.body.repository.url);
    if (this.#commands.add(command)) this.#channel.send(command);
  }

  /** @returns the node, going; null where it was never requested. */
  async giveUp(failure: NodeFailureReason, detail: string): Promise<NodeView | null> {
    if (this.#engine.handle({ type: "given_up", failure, detail }) === null) return null;
    await this.#engine.settle(projectionLane);
    return nodeView(this.#facts(), this.#channel.connected);
  }

  /** For the sweep: what this node says of itself. Changes nothing. */
  async probe(): Promise<OwnerSays> {
    const facts = this.#engine.facts();
    if (facts === null) return { kind: "no_state" };
    const alarmAt = await this.ctx.storage.getAlarm();
    const { state: step, deadlineAt } = facts;
    return { kind: "state", step, final: isFinalNodeState(step), deadlineAt, alarmAt };
  }

  /** The sweep found no alarm here: look, and set it again. */
  async recover(): Promise<void> {
    await this.#engine.alarm({ type: "look" });
  }

  async projectAgain(): Promise<void> {
    await this.#engine.drain();
    const last = this.#store.transitions().at(-1);
    if (last !== undefined)
      await writeProjection(drizzleD1(this.env.DB), projectionOf({ facts: this.#facts(), at: last.at }));
  }

  /** A repository on the user's own machine is opened to this server alone, and only when a task there needs it. */
  async #attachRepository(facts: NodeFacts, url: string): Promise<void> {
    const provider = providerOf(this.env);
    if (!url.startsWith("/") || provider.attachRepository === undefined) return;
    // A VM agent may say hello before the provider's answer to the create has come, or instead of it.
    const serverId = facts.serverId ?? (await serversOf(facts.request.nodeId, provider))[0]?.id;
    if (serverId === undefined) throw new Error("the provider does not list this node's server yet");
    await provider.attachRepository(serverId, url);
  }

  #facts(): NodeFacts {
    const facts = this.#engine.facts();
    if (facts === null) throw new Error("this node was never requested");
    return facts;
  }
}
