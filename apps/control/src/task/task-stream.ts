/**
 * The live side of a conversation: hibernatable WebSockets that first get everything after the seq that they ask for,
 * then each message as it is stored. What a socket misses it asks for again by its last seq.
 */
import type { TaskFacts } from "@sam/domain/task-facts";
import type { StreamFrame } from "@sam/protocol/message";

import type { Face } from "../lifecycle/face.ts";
import type { Conversation } from "./conversation.ts";
import { taskView } from "./task-view.ts";

/** A client that listens. */
export interface StreamSocket {
  send(text: string): void;
}

export class TaskStream {
  readonly #sockets: () => readonly StreamSocket[];
  readonly #conversation: Face<Conversation>;
  /** What everyone who listens was told; what comes after it is new. */
  #toldSeq = 0;

  /** @param sockets whoever listens now. */
  constructor(sockets: () => readonly StreamSocket[], conversation: Face<Conversation>) {
    this.#sockets = sockets;
    this.#conversation = conversation;
  }

  /** After an eviction: what is stored was told, or is asked for by whoever dials again. */
  resume(): void {
    this.#toldSeq = this.#conversation.lastSeq;
  }

  /** Begins with a client that was just accepted: the past after `after`, then the task as it is. What comes follows. */
  begin(socket: StreamSocket, after: number, facts: TaskFacts): void {
    for (let seq = after, page = this.#conversation.after(seq); page.length > 0; page = this.#conversation.after(seq)) {
      send(socket, { type: "messages", messages: page });
      seq = page.at(-1)?.seq ?? seq;
    }
    send(socket, { type: "task", task: taskView(facts), lastSeq: this.#conversation.lastSeq });
  }

  /** Tells everyone what was just stored. @param changed whether more than the clock of progress moved. */
  tell(facts: TaskFacts, changed: boolean): void {
    const sockets = this.#sockets();
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

function send(socket: StreamSocket, frame: StreamFrame): void {
  try {
    socket.send(JSON.stringify(frame));
  } catch {
    // It is closing: the client comes back and asks for what it missed by its last seq.
  }
}
