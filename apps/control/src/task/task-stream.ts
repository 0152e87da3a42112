/**
 * The live side of a conversation: hibernatable WebSockets that first get everything after the seq that they ask for,
 * then each message as it is stored. What a socket misses it asks for again by its last seq.
 */
import type { TaskFacts } from "@sam/domain/task-facts";
import type { StreamFrame } from "@sam/protocol/message";

import type { Conversation } from "./conversation.ts";
import { taskView } from "./task-view.ts";

export class TaskStream {
  readonly #context: DurableObjectState;
  readonly #conversation: Conversation;
  /** What everyone who listens was told; what comes after it is new. */
  #toldSeq = 0;

  constructor(context: DurableObjectState, conversation: Conversation) {
    this.#context = context;
    this.#conversation = conversation;
    context.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  }

  /** After an eviction: what is stored was told, or is asked for by whoever dials again. */
  resume(): void {
    this.#toldSeq = this.#conversation.lastSeq;
  }

  /** Accepts a client: the past after `after`, the task as it is, and from then on what comes. */
  accept(after: number, facts: TaskFacts): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#context.acceptWebSocket(server);
    for (let seq = after, page = this.#conversation.after(seq); page.length > 0; page = this.#conversation.after(seq)) {
      send(server, { type: "messages", messages: page });
      seq = page.at(-1)?.seq ?? seq;
    }
    send(server, { type: "task", task: taskView(facts), lastSeq: this.#conversation.lastSeq });
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Tells everyone what was just stored. @param changed whether more than the clock of progress moved. */
  tell(facts: TaskFacts, changed: boolean): void {
    const sockets = this.#context.getWebSockets();
    const { lastSeq } = this.#conversation;
    let told = this.#toldSeq;
    this.#toldSeq = lastSeq;
    if (sockets.length === 0) return;
    while (told < lastSeq) {
      const messages = this.#conversation.after(told);
      for (const socket of sockets) send(socket, { type: "messages", messages });
      told = messages.at(-1)?.seq ?? lastSeq;
    }
    if (changed) for (const socket of sockets) send(socket, { type: "task", task: taskView(facts), lastSeq });
  }
}

function send(socket: WebSocket, frame: StreamFrame): void {
  try {
    socket.send(JSON.stringify(frame));
  } catch {
    // It is closing: the client comes back and asks for what it missed by its last seq.
  }
}
