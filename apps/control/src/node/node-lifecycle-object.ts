/**
 * The Durable Object of one node. A thin shell: it holds the storage, the alarm and the VM agent's socket, and hands
 * everything to the logic, which knows no platform.
 */
import type { TaskId } from "@sam/domain/ids";
import type { NodeFacts, NodeRequest } from "@sam/domain/node-facts";
import type { NodeFailureReason } from "@sam/domain/node-lifecycle";
import { wholeNodeFacts } from "@sam/domain/stored-facts";
import type { OwnerSays } from "@sam/domain/sweep";
import type { NodeObservation } from "@sam/domain/task-event";
import type { NodeView } from "@sam/protocol/node-api";
import { DurableObject } from "cloudflare:workers";
import { drizzle, type DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import { migrate } from "drizzle-orm/durable-sqlite/migrator";

import { bearerOf } from "../api/token.ts";
import { noteFact } from "../audit/audit-log.ts";
import { databaseOf } from "../database/built-once.ts";
import { withD1Deadlines } from "../database/d1-deadline.ts";
import { outagesOf, settingsOf, type Env } from "../env.ts";
import { alarmOf } from "../lifecycle/alarm.ts";
import { LifecycleStore } from "../lifecycle/lifecycle-store.ts";
import { nodeMigrations } from "../lifecycle/object-migrations.ts";
import { answerClose } from "../lifecycle/socket-close.ts";
import { exportNode, nodeRecordLog } from "../record/node-record.ts";
import { ProviderCalls } from "../record/provider-calls.ts";
import { report } from "../system/report.ts";
import { newestBootAt, NodeBoots } from "./node-boots.ts";
import { NodeCommands } from "./node-commands.ts";
import type { NodeIntent } from "./node-engine.ts";
import { NodeLifecycleLogic, type ClaimOutcome } from "./node-lifecycle-logic.ts";
import { providerOf } from "./node-provider.ts";
import { NodeTokens } from "./node-tokens.ts";

export class NodeLifecycle extends DurableObject<Env> {
  readonly #logic: NodeLifecycleLogic;
  readonly #store: LifecycleStore<NodeFacts, NodeIntent>;
  readonly #database: DrizzleSqliteDODatabase;

  constructor(context: DurableObjectState, platform: Env) {
    const env = withD1Deadlines(platform);
    super(context, env);
    const database = drizzle(context.storage);
    this.#database = database;
    void context.blockConcurrencyWhile(() => migrate(database, nodeMigrations));
    const settings = settingsOf(env);
    this.#store = new LifecycleStore(database, wholeNodeFacts);
    const record = nodeRecordLog(database, settings);
    const calls = new ProviderCalls(database, () => Date.now());
    this.#logic = new NodeLifecycleLogic({
      store: this.#store,
      commands: new NodeCommands(database),
      tokens: new NodeTokens(database, settings.nodeTokenMs),
      boots: new NodeBoots(database),
      sockets: () => context.getWebSockets(),
      env,
      database: databaseOf(env),
      provider: () => calls.recording(providerOf(env)),
      settings,
      outages: outagesOf(env),
      clock: () => Date.now(),
      alarm: alarmOf(context.storage),
      report: (what, error) => {
        report(`node ${context.id.name ?? ""}: ${what}`, error);
      },
      recorded: (...entry) => {
        record.write(...entry);
      },
      audit: (fact) => {
        noteFact(databaseOf(env), fact);
      },
    });
  }

  override alarm(): Promise<void> {
    return this.#logic.alarm();
  }

  /** The VM agent dials in: 101, or why not. */
  override async fetch(request: Request): Promise<Response> {
    const admission = await this.#logic.channel.admit(bearerOf(request));
    if (!admission.admitted) return new Response(admission.why, { status: admission.status });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    this.#logic.channel.begin(server, admission.tokenAt);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    return this.#logic.channel.message(socket, data);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    answerClose(socket, code);
  }

  /** All that it knows, as JSON for an export; null where it was never requested. */
  exported(): string | null {
    const facts = this.#store.load();
    return facts === null ? null : exportNode(drizzle(this.ctx.storage), facts, this.#store.transitions());
  }

  request(request: NodeRequest, taskId: TaskId): Promise<NodeObservation> {
    return this.#logic.request(request, taskId);
  }

  claim(taskId: TaskId, stay: number, savedWorkOf: TaskId | null = null): ClaimOutcome {
    return this.#logic.claim(taskId, stay, savedWorkOf);
  }

  release(taskId: TaskId, stay: number | null): string {
    return this.#logic.release(taskId, stay);
  }

  observe(): NodeObservation | null {
    return this.#logic.observe();
  }

  view(): NodeView | null {
    const view = this.#logic.view();
    return view === null ? null : { ...view, bootedAt: newestBootAt(this.#database) };
  }

  enqueue(commandJson: string): Promise<boolean> {
    return this.#logic.enqueue(commandJson);
  }

  giveUp(failure: NodeFailureReason, detail: string, discards = false): Promise<NodeView | null> {
    return this.#logic.giveUp(failure, detail, discards);
  }

  giveUpFor(taskId: TaskId, detail: string): string | null {
    return this.#logic.giveUpFor(taskId, detail);
  }

  forgetSavedWork(taskId: TaskId, commit: string, repositoryUrl: string): Promise<boolean> {
    return this.#logic.forgetSavedWork(taskId, commit, repositoryUrl);
  }

  probe(): Promise<OwnerSays> {
    return this.#logic.probe();
  }

  recover(): Promise<void> {
    return this.#logic.recover();
  }

  serverUnlisted(): void {
    this.#logic.serverUnlisted();
  }

  projectAgain(): Promise<void> {
    return this.#logic.projectAgain();
  }
}
