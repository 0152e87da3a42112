/** A client on the live stream of a task, as a page would be one: it counts on nothing but the last seq that it has. */
import { streamFrameSchema, type Message } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";

import { eventually, type Client } from "./world.ts";

export class StreamReader {
  readonly #client: Client;
  readonly #taskId: string;
  readonly #after: number;
  #socket: WebSocket | null = null;
  /** Every message in the order in which it came, over all connections. */
  readonly messages: Message[] = [];
  readonly tasks: TaskView[] = [];
  /** What came that is no frame, such as `pong`. */
  readonly texts: string[] = [];
  isClosed = false;

  private constructor(client: Client, taskId: string, after: number) {
    this.#client = client;
    this.#taskId = taskId;
    this.#after = after;
  }

  static async open(client: Client, taskId: string, after = 0): Promise<StreamReader> {
    const reader = new StreamReader(client, taskId, after);
    await reader.connect();
    return reader;
  }

  get lastSeq(): number {
    return this.messages.at(-1)?.seq ?? this.#after;
  }

  /** Dials, and asks for everything after the last seq that it has. */
  async connect(): Promise<void> {
    const socket = await this.#client.stream(this.#taskId, this.lastSeq);
    this.#socket = socket;
    this.isClosed = false;
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket) this.#hear(String(data));
    });
    socket.addEventListener("close", () => {
      if (this.#socket === socket) this.isClosed = true;
    });
  }

  /** The line is cut: what is on its way is lost. */
  cut(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(1000);
  }

  /** Says goodbye, and still hears what comes. */
  close(): void {
    this.#socket?.close(1000, "done");
  }

  send(data: string | ArrayBuffer): void {
    this.#socket?.send(data);
  }

  async until(what: string, holds: (reader: StreamReader) => boolean): Promise<void> {
    await eventually(
      what,
      () => this.#describe(),
      () => holds(this),
    );
  }

  #describe(): unknown {
    return { lastSeq: this.lastSeq, step: this.tasks.at(-1)?.step };
  }

  #hear(text: string): void {
    if (!text.startsWith("{")) {
      this.texts.push(text);
      return;
    }
    const frame = streamFrameSchema.parse(JSON.parse(text));
    if (frame.type === "messages") this.messages.push(...frame.messages);
    else this.tasks.push(frame.task);
  }
}
