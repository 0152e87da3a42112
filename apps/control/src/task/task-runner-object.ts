/**
 * The Durable Object of one task. A thin shell: it holds the storage, the alarm and the sockets, and hands every event
 * to the engine. Nothing that steers the task lives only in its memory.
 */
import type { NodeId, TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";
import type { Settings } from "@sam/domain/settings";
import { wholeFacts } from "@sam/domain/stored-facts";
import { summaryOf } from "@sam/domain/summary";
import type { OwnerSays } from "@sam/domain/sweep";
import { begin } from "@sam/domain/task-decision/decide";
import type { NodeObservation, TaskDecision } from "@sam/domain/task-event";
import type { TaskFacts, TaskRequest } from "@sam/domain/task-facts";
import { isFinal, taskLifecycle } from "@sam/domain/task-lifecycle";
import { wasSaid } from "@sam/domain/user-may";
import { taskEventRecordSchema } from "@sam/protocol/node-channel";
import type { TaskView, TransitionView } from "@sam/protocol/task-api";
import { DurableObject } from "cloudflare:workers";
import { drizzle as drizzleD1 } from "drizzle-orm/d1";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";
import { z } from "zod";

import { outagesOf, settingsOf, type Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { LifecycleStore } from "../lifecycle/lifecycle-store.ts";
import { taskMigrations } from "../lifecycle/object-migrations.ts";
import { answerClose } from "../lifecycle/socket-close.ts";
import { report } from "../system/report.ts";
import { Conversation } from "./conversation.ts";
import {
  continuationLane,
  createTaskEngine,
  projectionLane,
  searchLane,
  type TaskEngine,
  type TaskIntent,
} from "./task-engine.ts";
import { projectionOf, wasEndedBySweep } from "./task-projection.ts";
import { TaskStream } from "./task-stream.ts";
import { taskView } from "./task-view.ts";
import { createTaskWorld } from "./task-world.ts";
import {
  continueRefusal,
  otherRequest,
  refusalOf,
  type AskedEvent,
  type AskOutcome,
  type SayOutcome,
} from "./user-request.ts";

export type SubmitOutcome =
  | { readonly accepted: true; readonly task: TaskView; readonly projected: boolean }
  | { readonly accepted: false };

const d1TimeoutMs = 5_000;
const transitionsSchema = z.custom<TransitionView[]>(Array.isArray);

export class TaskRunner extends DurableObject<Env> {
  readonly #store: LifecycleStore<TaskFacts, TaskIntent>;
  readonly #conversation: Conversation;
  readonly #stream: TaskStream;
  readonly #engine: TaskEngine;

  constructor(context: DurableObjectState, env: Env) {
    super(context, env);
    const database = drizzle(context.storage);
    void context.blockConcurrencyWhile(async () => {
      await migrate(database, taskMigrations);
      this.#stream.resume();
      await this.#adoptEnd();
    });
    this.#store = new LifecycleStore(database, wholeFacts);
    this.#conversation = new Conversation(database);
    this.#stream = new TaskStream(context, this.#conversation);
    const settings = settingsOf(env);
    this.#engine = createTaskEngine({
      store: this.#store,
      conversation: this.#conversation,
      ports: createTaskWorld(env, drizzleD1(env.DB), settings),
      settings,
      outages: outagesOf(env),
      clock: () => Date.now(),
      setAlarm: (at) => {
        void (at === null ? context.storage.deleteAlarm() : context.storage.setAlarm(at));
      },
      committed: (made) => {
        this.#tell(made);
      },
      report: (what, error) => {
        report(`task ${context.id.name ?? ""}: ${what}`, error);
      },
    });
  }

  override async alarm(): Promise<void> {
    await this.#engine.alarm({ type: "look" });
  }

  /** Accepts a task, once: the same request again gives the same task; another one under its id is refused. */
  async submit(request: TaskRequest): Promise<SubmitOutcome> {
    const known = this.#engine.facts();
    if (known === null) {
      this.#engine.commit(begin(request, Date.now(), settingsOf(this.env)));
    } else if (JSON.stringify(known.request) !== JSON.stringify(request)) {
      return { accepted: false };
    }
    await this.#engine.settle(projectionLane);
    const facts = this.#engine.facts();
    if (facts === null) throw new Error("accepted, but without facts");
    return { accepted: true, task: taskView(facts), projected: !this.#store.hasOpen(projectionLane) };
  }

  view(): TaskView | null {
    const facts = this.#engine.facts();
    return facts === null ? null : taskView(facts);
  }

  transitions(): TransitionView[] | null {
    if (this.#engine.facts() === null) return null;
    return transitionsSchema.parse(this.#store.transitions());
  }

  /** A page of the conversation (`/messages?after=&before=&limit=`), or the live stream of it (`/stream?after=`). */
  override fetch(request: Request): Response {
    const facts = this.#engine.facts();
    if (facts === null) return new Response(null, { status: 404 });
    const url = new URL(request.url);
    const after = Number(url.searchParams.get("after") ?? "0");
    if (url.pathname === "/stream") return this.#stream.accept(after, facts);
    const limit = Number(url.searchParams.get("limit") ?? "500");
    const before = url.searchParams.get("before");
    const conversation = this.#conversation;
    const messages = before === null ? conversation.after(after, limit) : conversation.before(Number(before), limit);
    return Response.json({ messages, lastSeq: conversation.lastSeq });
  }

  /** A client has nothing to say but `ping`, which is answered without waking this object: anything else is dropped. */
  override webSocketMessage(): void {
    return;
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    answerClose(socket, code);
  }

  /** What a user asks for: done, or refused with the reason; null where this task was never begun. */
  ask(event: AskedEvent): AskOutcome | null {
    const before = this.#engine.facts();
    if (before === null) return null;
    const refusal = refusalOf(before, event);
    if (refusal !== null) return { done: false, refusal };
    return { done: true, task: taskView(this.#engine.handle(event) ?? before) };
  }

  /**
   * The user says something more. After the end that is another task, which is written down here together with what it is
   * to do, and begun until it has: a lost reply or a crash in between loses nothing and makes nothing twice.
   * @param by the id of that other task.
   */
  async say(event: Extract<AskedEvent, { type: "follow_up" }>, by: TaskId): Promise<SayOutcome | null> {
    const before = this.#engine.facts();
    if (before === null) return null;
    // Said before the end, and again after it, it needs no other task.
    if (!isFinal(before.step) || wasSaid(before, event.key)) return this.ask(event);
    const refusal = continueRefusal(before, by);
    if (refusal !== null) return { done: false, refusal };
    if (before.continuedBy === null) {
      const summary = summaryOf(before, this.#conversation.outline());
      this.#engine.handle({ type: "continued", by, text: event.text, summary });
    }
    await this.#engine.settle(continuationLane);
    if (this.#engine.facts()?.continuedBy !== by) return { done: false, refusal: otherRequest(by) };
    return { done: true, continuedBy: by, begun: !this.#store.hasOpen(continuationLane) };
  }

  /** The machine that it has not let go yet; null: none. */
  claimedNode(): NodeId | null {
    return this.#engine.facts()?.nodeId ?? null;
  }

  /** The node says what it is now. */
  nodeObserved(node: NodeObservation): void {
    this.#engine.handle({ type: "node_observed", node });
  }

  /** A heartbeat of the node: it moves the clock of contact, and nothing else. */
  contact(): void {
    const facts = this.#engine.facts();
    if (facts !== null && !isFinal(facts.step)) this.#engine.handle({ type: "contact" });
  }

  /** A search that is out may have looked before the room appeared, so it is waited for, and one more is made. */
  async capacityFreed(): Promise<void> {
    await this.#engine.settle(searchLane);
    this.#engine.handle({ type: "capacity_freed" });
  }

  /**
   * Events of the VM agent, contiguous by `seq`. One that was applied before is passed over; a gap stops here.
   * @returns the last `seq` that is stored, or `void` where the task is not that node's (any more).
   */
  vmAgentEvents(nodeId: NodeId, records: string): { readonly ackedSeq: number } | "void" {
    const before = this.#engine.facts();
    if (before === null || before.nodeId !== nodeId) return "void";
    let ackedSeq = before.nodeEventSeq;
    for (const { seq, event } of z.array(taskEventRecordSchema).parse(JSON.parse(records))) {
      if (seq <= ackedSeq) continue;
      if (seq !== ackedSeq + 1) break;
      this.#applyEvent(seq, event);
      ackedSeq = seq;
    }
    return { ackedSeq };
  }

  /** For the sweep: what this runner says of itself. Changes nothing. */
  async probe(): Promise<OwnerSays> {
    const facts = this.#engine.facts();
    if (facts === null) return { kind: "no_state" };
    const alarmAt = await this.ctx.storage.getAlarm();
    return { kind: "state", step: facts.step, final: isFinal(facts.step), deadlineAt: facts.deadlineAt, alarmAt };
  }

  /** The sweep found no alarm here. */
  async recover(): Promise<void> {
    await this.#engine.alarm({ type: "recover" });
  }

  /** The sweep found an older row: the projections are written again, in their order. */
  async projectAgain(): Promise<void> {
    const facts = this.#engine.facts();
    const last = this.#store.transitions().at(-1);
    if (facts === null || last === undefined) return;
    await this.#engine.settle(projectionLane);
    const row = projectionOf({
      version: last.version,
      from: null,
      to: facts.step,
      at: last.at,
      cause: last.cause,
      facts,
    });
    await createTaskWorld(this.env, drizzleD1(this.env.DB), settingsOf(this.env)).project(row);
  }

  /**
   * A runner that wakes long past its deadline may have been given up meanwhile: the end in its row stands, whatever
   * is about to happen here.
   */
  async #adoptEnd(): Promise<void> {
    try {
      const facts = this.#engine.facts();
      if (facts === null || !isLongOverdue(facts, settingsOf(this.env), Date.now())) return;
      const asked = wasEndedBySweep(drizzleD1(this.env.DB), facts.request.taskId);
      if (await within("D1", d1TimeoutMs, asked)) this.#engine.handle({ type: "ended_by_sweep" });
    } catch (error) {
      report(`task ${this.ctx.id.name ?? ""}: was it ended?`, error);
    }
  }

  #applyEvent(seq: number, event: NodeTaskEvent): void {
    try {
      this.#engine.handle({ type: "vm_agent", seq, event });
    } catch (error) {
      report(`task ${this.ctx.id.name ?? ""}: event ${seq} (${event.type})`, error);
      this.#engine.handle({ type: "vm_agent_passed_over", seq, detail: event.type });
    }
  }

  #tell(made: TaskDecision): void {
    const onlyProgress = made.messages.length > 0 && made.messages.every((message) => message.author === "agent");
    this.#stream.tell(made.facts, !onlyProgress);
  }
}

/** Past the deadline that its row shows, by as much as makes the sweep doubt it. */
function isLongOverdue({ step, clocks, deadlineAt }: TaskFacts, settings: Settings, now: number): boolean {
  const row = taskLifecycle[step];
  if (row.final || deadlineAt === null) return false;
  const shownAt = Math.min(deadlineAt, clocks.inStateSince + settings[row.deadline]);
  return shownAt + settings.sweepGraceMs <= now;
}
