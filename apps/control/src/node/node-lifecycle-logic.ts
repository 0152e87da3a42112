/**
 * What a NodeLifecycle does, against ports: slots are claimed and let go here, commands are taken, and the VM agent's
 * channel is answered. It alone speaks to the provider about its server. The Durable Object and the simulator run this
 * same code.
 */
import type { TaskId } from "@sam/domain/ids";
import { begin } from "@sam/domain/node-decision/decide";
import type { NodeEvent } from "@sam/domain/node-event";
import type { NodeFacts, NodeRequest } from "@sam/domain/node-facts";
import { isFinalNodeState, type NodeFailureReason } from "@sam/domain/node-lifecycle";
import type { Outage } from "@sam/domain/outage";
import type { Settings } from "@sam/domain/settings";
import type { OwnerSays } from "@sam/domain/sweep";
import type { NodeObservation } from "@sam/domain/task-event";
import type { NodeView } from "@sam/protocol/node-api";
import { nodeCommandSchema } from "@sam/protocol/node-command";
import type { Provider } from "@sam/providers/provider";
import type { DrizzleD1Database } from "drizzle-orm/d1";

import { repairedFact, silenceFact, type AuditFact } from "../audit/audit-fact.ts";
import { silenceBetween } from "../audit/silence.ts";
import type { Env } from "../env.ts";
import type { Alarm } from "../lifecycle/alarm.ts";
import { within } from "../lifecycle/deadline.ts";
import type { Face } from "../lifecycle/face.ts";
import type { LifecycleStore } from "../lifecycle/lifecycle-store.ts";
import type { NodeRecordLog } from "../record/node-record.ts";
import type { NodeBoots } from "./node-boots.ts";
import { NodeChannel } from "./node-channel.ts";
import type { NodeCommands } from "./node-commands.ts";
import { observationOf, serversOf } from "./node-effects.ts";
import { createNodeEngine, projectionLane, type NodeEngine, type NodeIntent } from "./node-engine.ts";
import { NodeHeldWork } from "./node-held-work.ts";
import { projectionOf, writeProjection } from "./node-projection.ts";
import type { NodeSocket } from "./node-socket.ts";
import type { NodeTokens } from "./node-tokens.ts";
import { nodeView } from "./node-view.ts";

export interface ClaimOutcome {
  readonly claimed: boolean;
  readonly node: NodeObservation | null;
}

export interface NodeLifecyclePorts {
  readonly store: Face<LifecycleStore<NodeFacts, NodeIntent>>;
  readonly commands: Face<NodeCommands>;
  readonly tokens: Face<NodeTokens>;
  readonly boots: Face<NodeBoots>;
  /** The sockets of VM agents that are open now. */
  readonly sockets: () => readonly NodeSocket[];
  readonly env: Env;
  readonly database: DrizzleD1Database;
  readonly provider: () => Provider;
  readonly settings: Settings;
  readonly outages: readonly Outage[];
  readonly clock: () => number;
  readonly alarm: Alarm;
  readonly report: (what: string, error: unknown) => void;
  /** The flight recorder; left out: nothing is kept. */
  readonly recorded?: NodeRecordLog["write"];
  /** Tells the audit of what should not have been; left out: nobody. */
  readonly audit?: (fact: AuditFact) => void;
}

const tellTimeoutMs = 10_000;

export class NodeLifecycleLogic {
  /** The VM agent's end of the channel. */
  readonly channel: NodeChannel;
  readonly #ports: NodeLifecyclePorts;
  readonly #engine: NodeEngine;

  constructor(ports: NodeLifecyclePorts) {
    this.#ports = ports;
    const { store, commands, tokens, boots, sockets, env, database, provider, clock, alarm } = ports;
    const { settings, outages, report, recorded } = ports;
    this.#engine = createNodeEngine({
      store,
      world: { env, database, provider, mintToken: () => tokens.mint(clock()) },
      recorded,
      settings,
      outages,
      clock,
      setAlarm: (at) => {
        alarm.set(at);
      },
      committed: ({ facts }) => {
        if (isFinalNodeState(facts.state)) commands.forgetAll();
      },
      report,
    });
    this.channel = new NodeChannel({
      sockets,
      env,
      commands,
      tokens,
      boots,
      heldWork: new NodeHeldWork({
        handle: (event) => this.#engine.handle(event),
        tell: (taskId, nodeId, work) =>
          within(taskId, tellTimeoutMs, env.TASK_RUNNER.getByName(taskId).savedWorkReported(nodeId, work)),
        tellForgotten: (forgotten) => {
          const { taskId } = forgotten;
          const told = env.TASK_RUNNER.getByName(taskId).savedWorkForgotten(this.#facts().request.ownerId, forgotten);
          return within(taskId, tellTimeoutMs, told);
        },
        report,
      }),
      clock,
      facts: () => this.#engine.facts(),
      handle: (event) => this.#hear(event),
      release: (taskId, stay) => {
        this.release(taskId, stay);
      },
      askedAgain: (taskId, count) => {
        this.#noteAskedAgain(taskId, count);
      },
    });
  }

  async alarm(): Promise<void> {
    await this.#engine.alarm({ type: "look" });
  }

  /** Begins this node, once, with the task that asked for it holding its first slot. */
  async request(request: NodeRequest, taskId: TaskId): Promise<NodeObservation> {
    if (this.#engine.facts() === null) {
      const at = this.#ports.clock();
      this.#engine.commit(begin(request, taskId, at, this.#ports.settings), { event: null, at, completes: null });
      await this.#engine.settle(projectionLane);
    }
    return observationOf(this.#facts());
  }

  /** Compare-and-set on a slot; claiming again what the task holds already is no second claim. */
  claim(taskId: TaskId, stay: number, savedWorkOf: TaskId | null = null): ClaimOutcome {
    const facts = this.#engine.handle({ type: "claimed", taskId, stay, savedWorkOf });
    if (facts === null) return { claimed: false, node: null };
    return { claimed: facts.claims.includes(taskId), node: observationOf(facts) };
  }

  /**
   * Lets a task's slot go; a claim of a later stay than this one stands.
   * @param stay null: whichever it is.
   * @returns what proves it.
   */
  release(taskId: TaskId, stay: number | null): string {
    const facts = this.#engine.handle({ type: "released", taskId, stay });
    if (facts === null) return "no such node was ever requested";
    if (!facts.claims.includes(taskId)) {
      this.#ports.commands.forgetTask(taskId);
      this.channel.released(taskId);
    }
    const { nodeId, slots } = facts.request;
    return `${nodeId} is ${facts.state}, with ${facts.claims.length} of ${slots} slots in use`;
  }

  observe(): NodeObservation | null {
    const facts = this.#engine.facts();
    return facts === null ? null : observationOf(facts);
  }

  view(): NodeView | null {
    const facts = this.#engine.facts();
    return facts === null ? null : nodeView(facts, this.channel.connected);
  }

  /**
   * Takes a command, once, and sends it when the VM agent listens. A node that is going takes none.
   * @returns false where its task holds no claim here (any more), so that nobody would ever carry it out.
   */
  async enqueue(commandJson: string): Promise<boolean> {
    const command = nodeCommandSchema.parse(JSON.parse(commandJson));
    const facts = this.#facts();
    if (!facts.claims.includes(command.taskId)) return false;
    if (command.body.type === "create_workspace") await this.#attachRepository(facts, command.body.repository.url);
    if (this.#ports.commands.add(command)) this.channel.send(command);
    return true;
  }

  /**
   * @param discards its owner gives up what lies on it and nowhere else.
   * @returns the node, going; null where it was never requested.
   */
  async giveUp(failure: NodeFailureReason, detail: string, discards = false): Promise<NodeView | null> {
    if (this.#engine.handle({ type: "given_up", failure, detail, discards }) === null) return null;
    await this.#engine.settle(projectionLane);
    return nodeView(this.#facts(), this.channel.connected);
  }

  /** The cancel of a task can't be proven here. @returns what proves that its claim is let go; null: it goes with the node. */
  giveUpFor(taskId: TaskId, detail: string): string | null {
    this.#ports.commands.forgetTask(taskId);
    const given = { type: "given_up", failure: "destroyed_by_owner", detail, forcedFor: taskId } as const;
    const facts = this.#engine.handle(given);
    if (facts === null) return "no such node was ever requested";
    const { claims, state, holds, request } = facts;
    if (claims.includes(taskId)) return null;
    const kept = holds.length === 0 ? "" : "; it is kept for what it alone holds";
    const others = claims.length === 0 ? kept : "; it is destroyed when its other tasks have let go";
    return `${request.nodeId} is ${state}${others}`;
  }

  /** @returns false where its VM agent is not connected. Again it does no harm. */
  async forgetSavedWork(taskId: TaskId, commit: string, repositoryUrl: string): Promise<boolean> {
    if (!this.channel.connected) return false;
    await this.#attachRepository(this.#facts(), repositoryUrl);
    return this.channel.forgetSavedWork({ taskId, commit, repositoryUrl });
  }

  /** For the sweep: what this node says of itself. Changes nothing. */
  async probe(): Promise<OwnerSays> {
    const facts = this.#engine.facts();
    if (facts === null) return { kind: "no_state" };
    const alarmAt = await this.#ports.alarm.get();
    const { state: step, deadlineAt } = facts;
    return { kind: "state", step, final: isFinalNodeState(step), deadlineAt, alarmAt, nextAt: this.#engine.nextAt() };
  }

  /** The sweep found no alarm here: look, and set it again. */
  async recover(): Promise<void> {
    await this.#engine.alarm({ type: "look" });
  }

  /** For the ledger: the provider did not list this node's server, twice. It is asked for that server itself. */
  serverUnlisted(): void {
    this.#engine.handle({ type: "server_unlisted" });
  }

  async projectAgain(): Promise<void> {
    await this.#engine.drain();
    const { store, database } = this.#ports;
    // What is still on its way comes in its order: a later one that overtook it would leave it out.
    if (store.hasOpen(projectionLane)) return;
    const last = store.transitions().at(-1);
    if (last !== undefined) await writeProjection(database, projectionOf({ facts: this.#facts(), at: last.at }));
  }

  /** A repository on the user's own machine is opened to this server alone, and only when a task there needs it. */
  async #attachRepository(facts: NodeFacts, url: string): Promise<void> {
    const provider = this.#ports.provider();
    if (!url.startsWith("/") || provider.attachRepository === undefined) return;
    // A VM agent may say hello before the provider's answer to the create has come, or instead of it.
    const serverId = facts.serverId ?? (await serversOf(facts.request.nodeId, provider))[0]?.id;
    if (serverId === undefined) throw new Error("the provider does not list this node's server yet");
    await provider.attachRepository(serverId, url);
  }

  #noteAskedAgain(taskId: TaskId, count: number): void {
    const { ownerId } = this.#facts().request;
    const now = this.#ports.clock();
    this.#ports.audit?.(repairedFact({ id: taskId, ownerId }, { what: "sent_again", count }, String(now), now));
  }

  /** What the channel hears breaks a silence; of one that was too long the audit is told. */
  #hear(event: NodeEvent): NodeFacts | null {
    const before = this.#engine.facts();
    const after = this.#engine.handle(event);
    if (before === null || after === null) return after;
    const silence = silenceBetween(before, after, this.#ports.outages);
    if (silence !== null) this.#ports.audit?.(silenceFact(after.request, silence));
    return after;
  }

  #facts(): NodeFacts {
    const facts = this.#engine.facts();
    if (facts === null) throw new Error("this node was never requested");
    return facts;
  }
}
