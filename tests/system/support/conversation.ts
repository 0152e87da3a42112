/** A conversation as a person at the terminal sees it: followed live, through every disconnect. */
import type { Message } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";

import type { ApiClient } from "../../../apps/sam/src/client/api-client.ts";
import { followStream } from "../../../apps/sam/src/client/task-stream.ts";

export class Conversation {
  /** Every message as it was handed on, in that order. */
  readonly messages: Message[] = [];
  /** The task as it was last seen. */
  task: TaskView | null = null;
  /** Why following ended, where it ended by an error. */
  error: unknown = null;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;

  constructor(api: ApiClient, taskId: string) {
    this.#following = followStream(
      api,
      { taskId, signal: this.#stop.signal },
      {
        onMessage: (message) => void this.messages.push(message),
        onTask: (task) => {
          this.task = task;
          return true;
        },
      },
    ).then(
      () => undefined,
      (error: unknown) => {
        this.error = error;
      },
    );
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }
}

/** @returns the whole conversation as the API has it, page by page. */
export async function readMessages(api: ApiClient, taskId: string): Promise<readonly Message[]> {
  const messages: Message[] = [];
  for (;;) {
    const page = await api.messages(taskId, messages.at(-1)?.seq ?? 0);
    messages.push(...page.messages);
    if (page.messages.length === 0 || messages.at(-1)?.seq === page.lastSeq) return messages;
  }
}

/** @returns what the agent said in its own words, one text a message. */
export function agentTexts(messages: readonly Message[]): readonly string[] {
  return messages.flatMap(({ body }) => {
    if (body.kind !== "agent_update" || body.update["sessionUpdate"] !== "agent_message_chunk") return [];
    const { content } = body.update;
    const isText = typeof content === "object" && content !== null && "text" in content;
    return isText && typeof content.text === "string" ? [content.text] : [];
  });
}

/** A message in one line, for a failing test's report. */
export function describeMessage({ seq, author, body }: Message): string {
  return `${seq} ${author} ${JSON.stringify(body).slice(0, 240)}`;
}
