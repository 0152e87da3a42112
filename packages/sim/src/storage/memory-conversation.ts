/** A task's conversation in memory: it stands, whatever becomes of its TaskRunner. */
import type { NewMessage } from "@sam/domain/message";
import type { SummedUp } from "@sam/domain/summary";
import type { Message } from "@sam/protocol/message";

import type { Face } from "../../../../apps/control/src/lifecycle/face.ts";
import type { Conversation } from "../../../../apps/control/src/task/conversation.ts";

const pageSize = 500;

export class MemoryConversation implements Face<Conversation> {
  readonly messages: Message[];

  /** @param messages what stands on the disk. */
  constructor(messages: Message[]) {
    this.messages = messages;
  }

  get lastSeq(): number {
    return this.messages.length;
  }

  append(messages: readonly NewMessage[], now: number): void {
    for (const { author, body } of messages) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is read of SQLite is of the schema's type
      this.messages.push({ seq: this.messages.length + 1, at: now, author, body } as Message);
    }
  }

  after(seq: number, limit = pageSize): Message[] {
    return this.messages.slice(seq, seq + Math.min(limit, pageSize));
  }

  before(seq: number, limit = pageSize): Message[] {
    const end = Math.max(0, Math.min(seq - 1, this.messages.length));
    return this.messages.slice(Math.max(0, end - Math.min(limit, pageSize)), end);
  }

  outline(): SummedUp[] {
    return this.messages.flatMap(({ body }) => (body.kind === "prompt" || body.kind === "agent_update" ? [body] : []));
  }
}
