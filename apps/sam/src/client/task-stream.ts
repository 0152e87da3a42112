/**
 * The stream of one task. It hands on every message once and in order, through any disconnect: it remembers the last
 * `seq` and asks for what comes after it. A gap is never papered over: it dials again.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { type Message, streamFrameSchema } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";

import { parseJson } from "../data-directory/files.ts";
import { CommandError } from "../exit-code.ts";
import type { ApiClient } from "./api-client.ts";
import { Unreachable } from "./api-error.ts";
import { NotRunning } from "./endpoint.ts";

const lookIntervalMs = 500;
const pingIntervalMs = 5_000;
/** Three pings without an answer: connected in name only. */
const silenceMs = 3 * pingIntervalMs;
const dialTimeoutMs = 10_000;
const firstDelayMs = 100;
const longestDelayMs = 3_000;
const defaultPatienceMs = 10 * 60_000;

export interface StreamHandlers {
  onMessage(message: Message): void;
  /** The task's facts, whenever they moved. @returns false to end the stream. */
  onTask(task: TaskView): boolean;
  /** Contact was lost at `since`; it is dialled again by itself. */
  onLost?(since: number): void;
  /** Contact is back; `since` is when it was lost. */
  onBack?(since: number): void;
}

export interface StreamOptions {
  readonly taskId: string;
  /** The last message that is already known; 0 for none. */
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** How long to go on without contact. */
  readonly patienceMs?: number;
}

type Outcome = "ended" | "aborted" | "broken";

/**
 * Follows a task until `onTask` returns false or the signal aborts.
 * @returns the `seq` of the last message that was handed on.
 * Throws where the task is not there (ApiError), or where contact stays lost for longer than patience lasts.
 */
export async function followStream(api: ApiClient, options: StreamOptions, handlers: StreamHandlers): Promise<number> {
  const order = new MessageOrder(options.after ?? 0, handlers);
  const contact = new Contact(handlers);
  const connection: Connection = {
    ...handlers,
    order,
    onOpen: () => contact.found(),
  };
  while (options.signal?.aborted !== true) {
    if ((await connectOnce(api, options, connection)) !== "broken") break;
    const { sinceMs, attempt } = contact.missed();
    await requireTask(api, options, sinceMs);
    await pause(Math.min(longestDelayMs, firstDelayMs * 2 ** attempt), options.signal);
  }
  return order.lastSeq;
}

/** Contact with the control plane: there, or lost since a time and sought in vain so many times. */
class Contact {
  readonly #handlers: StreamHandlers;
  #lostAt: number | null = null;
  #attempt = 0;

  constructor(handlers: StreamHandlers) {
    this.#handlers = handlers;
  }

  found(): void {
    if (this.#lostAt !== null) this.#handlers.onBack?.(this.#lostAt);
    this.#lostAt = null;
    this.#attempt = 0;
  }

  missed(): { sinceMs: number; attempt: number } {
    if (this.#lostAt === null) {
      this.#lostAt = Date.now();
      this.#handlers.onLost?.(this.#lostAt);
    }
    this.#attempt += 1;
    return { sinceMs: this.#lostAt, attempt: this.#attempt - 1 };
  }
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    // Aborted: the caller looks at the signal.
  }
}

/** Node loads its WebSocket when it is first named, which takes a while: better while an answer is waited for. */
export function prepareStream(): void {
  Reflect.get(globalThis, "WebSocket");
}

/** The stream broke: was it the task, the system, or the way there? Only the last is worth another try. */
async function requireTask(api: ApiClient, { taskId, patienceMs = defaultPatienceMs }: StreamOptions, lostAt: number) {
  try {
    await api.task(taskId);
  } catch (error) {
    const passing = error instanceof Unreachable || error instanceof NotRunning || isServerError(error);
    if (!passing) throw error;
    if (Date.now() - lostAt < patienceMs) return;
    throw new CommandError(
      `No contact with the control plane since ${new Date(lostAt).toISOString()}. The task is kept and goes on when SAM ` +
        `runs. Look at it again with: sam task ${taskId} --watch`,
      undefined,
      { cause: error },
    );
  }
}

function isServerError(error: unknown): boolean {
  return error instanceof Error && "status" in error && typeof error.status === "number" && error.status >= 500;
}

/** Sees to it that each message comes once and in order. */
export class MessageOrder {
  #lastSeq: number;
  readonly #handlers: Pick<StreamHandlers, "onMessage">;

  constructor(after: number, handlers: Pick<StreamHandlers, "onMessage">) {
    this.#lastSeq = after;
    this.#handlers = handlers;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** @returns false where messages are missing before one of these; what came before the gap was handed on. */
  take(messages: readonly Message[]): boolean {
    for (const message of messages) {
      if (message.seq <= this.#lastSeq) continue;
      if (message.seq !== this.#lastSeq + 1) return false;
      this.#lastSeq = message.seq;
      this.#handlers.onMessage(message);
    }
    return true;
  }
}

interface Connection extends StreamHandlers {
  readonly order: MessageOrder;
  onOpen(): void;
}

function connectOnce(api: ApiClient, options: StreamOptions, connection: Connection): Promise<Outcome> {
  const socket = dial(api, options.taskId, connection.order.lastSeq);
  if (socket === null) return Promise.resolve("broken");
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  let heardAt = Date.now();
  let pingedAt = heardAt;
  let open = true;
  const settle = (how: () => void) => {
    if (!open) return;
    open = false;
    clearInterval(beat);
    clearTimeout(dialLimit);
    options.signal?.removeEventListener("abort", onAbort);
    how();
    socket.close();
  };
  const finish = (outcome: Outcome) => settle(() => resolve(outcome));
  const onAbort = () => finish("aborted");
  const dialLimit = setTimeout(() => finish("broken"), dialTimeoutMs);
  const beat = setInterval(() => {
    const nowMs = Date.now();
    // A close that the other end began is an event only when its connection is gone, which may take a while.
    if (nowMs - heardAt > silenceMs || socket.readyState > WebSocket.OPEN) return finish("broken");
    if (socket.readyState !== WebSocket.OPEN || nowMs - pingedAt < pingIntervalMs) return;
    pingedAt = nowMs;
    socket.send("ping");
  }, lookIntervalMs);
  options.signal?.addEventListener("abort", onAbort);
  socket.addEventListener("open", () => clearTimeout(dialLimit));
  socket.addEventListener("close", () => finish("broken"));
  socket.addEventListener("error", () => finish("broken"));
  socket.addEventListener("message", (event) => {
    if (!open) return;
    heardAt = Date.now();
    try {
      const outcome = receive(event.data, connection);
      if (outcome !== null) finish(outcome);
    } catch (error) {
      settle(() => reject(error));
    }
  });
  return promise;
}

function dial(api: ApiClient, taskId: string, after: number): WebSocket | null {
  try {
    const { url, token } = api.locate();
    return new WebSocket(`${url.replace(/^http/, "ws")}/api/tasks/${taskId}/stream?after=${after}`, {
      headers: { authorization: `Bearer ${token}` },
    });
  } catch (error) {
    if (error instanceof NotRunning) return null;
    throw error;
  }
}

/** @returns how the connection ends by this frame, or null where it goes on. */
function receive(data: unknown, connection: Connection): Outcome | null {
  if (data === "pong") return null;
  const frame = streamFrameSchema.safeParse(typeof data === "string" ? parseJson(data) : null);
  if (!frame.success) return "broken";
  connection.onOpen();
  if (frame.data.type === "messages") return connection.order.take(frame.data.messages) ? null : "broken";
  // Everything up to there was sent before: what has not come by now does not come by this connection any more.
  if ((frame.data.lastSeq ?? 0) > connection.order.lastSeq) return "broken";
  return connection.onTask(frame.data.task) ? null : "ended";
}
