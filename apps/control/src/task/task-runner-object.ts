/**
 * The Durable Object of one task. A thin shell: it holds the storage, the alarm and the sockets, and hands everything
 * to the logic, which knows no platform.
 */
import type { NodeId, TaskId, UserId } from "@sam/domain/ids";
import type { SavedWork, SavedWorkReport } from "@sam/domain/saved-work";
import { wholeFacts } from "@sam/domain/stored-facts";
import type { OwnerSays } from "@sam/domain/sweep";
import type { NodeObservation } from "@sam/domain/task-event";
import type { TaskFacts, TaskRequest } from "@sam/domain/task-facts";
import type { ForgottenWork } from "@sam/protocol/saved-work";
import type { TaskView, TransitionView } from "@sam/protocol/task-api";
import type { TaskAsOf } from "@sam/protocol/task-as-of";
import { DurableObject } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";

import { noteFact } from "../audit/audit-log.ts";
import { databaseOf } from "../database/built-once.ts";
import { withD1Deadlines } from "../database/d1-deadline.ts";
import { outagesOf, settingsOf, type Env } from "../env.ts";
import { alarmOf } from "../lifecycle/alarm.ts";
import { LifecycleStore } from "../lifecycle/lifecycle-store.ts";
import { taskMigrations } from "../lifecycle/object-migrations.ts";
import { answerClose } from "../lifecycle/socket-close.ts";
import { readAsOf } from "../record/task-as-of.ts";
import { exportTask, taskRecordLog } from "../record/task-record.ts";
import { report } from "../system/report.ts";
import { conversationPage } from "./conversation-page.ts";
import { Conversation } from "./conversation.ts";
import type { Left } from "./left.ts";
import type { TaskIntent } from "./task-engine.ts";
import { TaskRunnerLogic, type SubmitOutcome } from "./task-runner-logic.ts";
import { TaskStream } from "./task-stream.ts";
import { createTaskWorld } from "./task-world.ts";
import type { AskedEvent, AskOutcome, SayOutcome } from "./user-request.ts";

export class TaskRunner extends DurableObject<Env> {
  readonly #conversation: Conversation;
  readonly #store: LifecycleStore<TaskFacts, TaskIntent>;
  readonly #stream: TaskStream;
  readonly #logic: TaskRunnerLogic;

  constructor(context: DurableObjectState, platform: Env) {
    const env = withD1Deadlines(platform);
    super(context, env);
    const database = drizzle(context.storage);
    void context.blockConcurrencyWhile(async () => {
      await migrate(database, taskMigrations);
      await this.#logic.wake();
    });
    context.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    const settings = settingsOf(env);
    this.#conversation = new Conversation(database);
    this.#store = new LifecycleStore(database, wholeFacts);
    const record = taskRecordLog(database, settings);
    this.#stream = new TaskStream(() => context.getWebSockets(), this.#conversation);
    this.#logic = new TaskRunnerLogic({
      store: this.#store,
      conversation: this.#conversation,
      recorded: (...entry) => {
        record.write(...entry);
      },
      stream: this.#stream,
      world: createTaskWorld(env, databaseOf(env), settings),
      settings,
      outages: outagesOf(env),
      clock: () => Date.now(),
      alarm: alarmOf(context.storage),
      report: (what, error) => {
        report(`task ${context.id.name ?? ""}: ${what}`, error);
      },
      audit: (fact) => {
        noteFact(databaseOf(env), fact);
      },
    });
  }

  override alarm(): Promise<void> {
    return this.#logic.alarm();
  }

  /** A page of the conversation (`/messages?after=&before=&limit=&asOf=`), or the live stream of it (`/stream?after=`). */
  override fetch(request: Request): Response {
    const facts = this.#logic.facts();
    if (facts === null) return new Response(null, { status: 404 });
    const url = new URL(request.url);
    const after = Number(url.searchParams.get("after") ?? "0");
    if (url.pathname === "/stream") {
      const { 0: client, 1: server } = new WebSocketPair();
      this.ctx.acceptWebSocket(server);
      this.#stream.begin(server, after, facts);
      return new Response(null, { status: 101, webSocket: client });
    }
    return Response.json(conversationPage(this.#conversation, drizzle(this.ctx.storage), url.searchParams));
  }

  /** A client has nothing to say but `ping`, which is answered without waking this object: anything else is dropped. */
  override webSocketMessage(): void {
    return;
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    answerClose(socket, code);
  }

  /** All that it knows but its messages, as JSON for an export; null where it never began. */
  async exported(): Promise<string | null> {
    const facts = this.#logic.facts();
    if (facts === null) return null;
    const alarmAt = await this.ctx.storage.getAlarm();
    return exportTask(drizzle(this.ctx.storage), facts, this.#store.transitions(), alarmAt);
  }

  /** The task as it was at a time; null where it never began. */
  asOf(at: number): TaskAsOf | null {
    const [view, transitions] = [this.#logic.view(), this.#logic.transitions()];
    return view === null || transitions === null ? null : readAsOf(drizzle(this.ctx.storage), view, transitions, at);
  }

  submit(request: TaskRequest): Promise<SubmitOutcome> {
    return this.#logic.submit(request);
  }

  view(): TaskView | null {
    return this.#logic.view();
  }

  transitions(): TransitionView[] | null {
    return this.#logic.transitions();
  }

  ask(event: AskedEvent): AskOutcome | null {
    return this.#logic.ask(event);
  }

  say(event: Extract<AskedEvent, { type: "follow_up" }>, by: TaskId): Promise<SayOutcome | null> {
    return this.#logic.say(event, by);
  }

  left(): Left | null {
    return this.#logic.left();
  }

  nodeObserved(node: NodeObservation): void {
    this.#logic.nodeObserved(node);
  }

  savedWorkReported(nodeId: NodeId, work: SavedWorkReport): void {
    this.#logic.savedWorkReported(nodeId, work);
  }

  savedWorkForgotten(ownerId: UserId, forgotten: ForgottenWork): void {
    this.#logic.savedWorkForgotten(ownerId, forgotten);
  }

  savedWorkDelivered(by: TaskId, commit: string): void {
    this.#logic.savedWorkDelivered(by, commit);
  }

  savedWork(): Pick<SavedWork, "commit" | "place" | "nodeId"> | null {
    return this.#logic.savedWork();
  }

  contact(nodeId: NodeId): boolean {
    return this.#logic.contact(nodeId);
  }

  capacityFreed(): Promise<void> {
    return this.#logic.capacityFreed();
  }

  vmAgentEvents(nodeId: NodeId, records: string): { readonly ackedSeq: number } | "void" {
    return this.#logic.vmAgentEvents(nodeId, records);
  }

  probe(): Promise<OwnerSays> {
    return this.#logic.probe();
  }

  recover(): Promise<void> {
    return this.#logic.recover();
  }

  projectAgain(): Promise<void> {
    return this.#logic.projectAgain();
  }
}
