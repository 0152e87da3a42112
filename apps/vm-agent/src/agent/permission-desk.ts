/** The permission desk holds the questions that an agent waits to be answered. */
import type { RequestPermissionRequest } from "@agentclientprotocol/sdk/unstable";
import type { NodeTaskEvent, PermissionOption } from "@sam/domain/node-task";

import { clipHead } from "../clipped-text.ts";

interface OpenQuestion {
  readonly optionIds: readonly string[];
  readonly settle: (optionId: string | null) => void;
}

const maxOptions = 16;
const maxOptionIdLength = 256;

export class PermissionDesk {
  readonly #open = new Map<string, OpenQuestion>();
  readonly #prefix: string;
  #count = 0;

  /** `prefix` makes the request ids unique over the restarts of an agent. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Opens a question. @returns the event to say, and the promise of the answer: an option's id, or null. */
  open(request: RequestPermissionRequest): { event: NodeTaskEvent; answer: Promise<string | null> } {
    this.#count += 1;
    const requestId = `${this.#prefix}-${this.#count}`;
    const options = request.options.flatMap(toOption).slice(0, maxOptions);
    const { promise, resolve } = Promise.withResolvers<string | null>();
    this.#open.set(requestId, { optionIds: options.map((option) => option.optionId), settle: resolve });
    const title = clipHead(request.toolCall.title ?? `Tool call ${request.toolCall.toolCallId}`, 4_096);
    const scope = { toolKind: request.toolCall.kind ?? "other", insideWorkspace: false, sandboxed: false };
    return {
      event: { type: "permission_requested", requestId, title, detail: null, scope, options },
      answer: promise,
    };
  }

  /** @returns the event to say, or null where no such question is open. An option that was not offered is no consent. */
  settle(requestId: string, optionId: string | null): NodeTaskEvent | null {
    const question = this.#open.get(requestId);
    if (question === undefined) return null;
    this.#open.delete(requestId);
    const chosen = optionId !== null && question.optionIds.includes(optionId) ? optionId : null;
    question.settle(chosen);
    return { type: "permission_settled", requestId, optionId: chosen };
  }

  /** Closes every open question without consent. @returns the events to say. */
  cancelAll(): NodeTaskEvent[] {
    return [...this.#open.keys()].flatMap((requestId) => this.settle(requestId, null) ?? []);
  }
}

function toOption(option: RequestPermissionRequest["options"][number]): PermissionOption[] {
  const { optionId, name, kind } = option;
  if (optionId === "" || optionId.length > maxOptionIdLength) return [];
  return [{ optionId, name: clipHead(name, 512), kind }];
}
