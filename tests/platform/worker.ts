/** A Worker with one Durable Object, just enough to ask the platform what it keeps and what it forgets. */
import { DurableObject } from "cloudflare:workers";

export interface Env {
  readonly DB: D1Database;
  readonly COUNTER: DurableObjectNamespace<Counter>;
}

export interface CounterState {
  readonly inMemory: number;
  readonly stored: number;
  readonly nowMs: number;
}

export class Counter extends DurableObject<Env> {
  #inMemory = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS ticks (at INTEGER NOT NULL)");
  }

  /** Counts in memory and in storage, and sets the alarm to one hour from now. */
  async tick(): Promise<CounterState> {
    this.#inMemory += 1;
    this.ctx.storage.sql.exec("INSERT INTO ticks VALUES (?)", Date.now());
    await this.ctx.storage.setAlarm(Date.now() + 3_600_000);
    return this.state();
  }

  state(): CounterState {
    const stored = this.ctx.storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM ticks").one().n;
    return { inMemory: this.#inMemory, stored, nowMs: Date.now() };
  }

  override async alarm(): Promise<void> {
    await this.env.DB.prepare("INSERT INTO alarms VALUES (?, ?)").bind(this.ctx.id.toString(), Date.now()).run();
  }

  /** Accepts a WebSocket that survives the object's eviction. */
  override fetch(): Response {
    const [client, server] = Object.values(new WebSocketPair());
    if (client === undefined || server === undefined) throw new Error("A WebSocketPair has two ends.");
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    socket.send(`${typeof message === "string" ? message : "bytes"} after ${this.#inMemory} ticks`);
  }
}

export default { fetch: (): Response => new Response("ok") } satisfies ExportedHandler<Env>;
