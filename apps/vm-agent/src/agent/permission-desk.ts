/** The permission desk holds the questions that an agent waits to be answered. */
import type { RequestPermissionRequest } from "@agentclientprotocol/sdk/unstable";
import type { NodeTaskEvent, PermissionOption } from "@sam/domain/node-task";
import type { PermissionScope } from "@sam/domain/permission-policy";
import { visibleLine } from "@sam/domain/visible-text";

import { clipHead } from "../clipped-text.ts";
import { detailOf } from "./permission-detail.ts";
import type { ToolFacts } from "./tool-memory.ts";

export interface Question {
  readonly options: RequestPermissionRequest["options"];
  /** What is known of the tool call that it is about. */
  readonly tool: ToolFacts;
  readonly scope: PermissionScope;
  /** Takes secrets out, before anything is cut to its limit. */
  readonly hide: (text: string) => string;
}

/** How a question was settled. */
export interface Settled {
  /** An option's id, or null. */
  readonly optionId: string | null;
  /** The command that brought the answer; null: nobody answered. */
  readonly commandId: string | null;
}

interface OpenQuestion {
  readonly options: readonly PermissionOption[];
  readonly settle: (settled: Settled) => void;
}

export interface OpenedQuestion {
  readonly requestId: string;
  /** What is to be said. */
  readonly event: NodeTaskEvent;
  readonly settled: Promise<Settled>;
}

const nobody: Settled = { optionId: null, commandId: null };
const maxOptions = 16;
const maxOptionIdLength = 256;

export class PermissionDesk {
  readonly #open = new Map<string, OpenQuestion>();
  readonly #prefix: string;
  readonly #onRefusal: () => void;
  #count = 0;

  /**
   * @param prefix makes the request ids unique over the restarts of an agent.
   * @param onRefusal told when somebody answers with a refusal.
   */
  constructor(prefix: string, onRefusal: () => void) {
    this.#prefix = prefix;
    this.#onRefusal = onRefusal;
  }

  /** Opens a question. */
  open({ options: offered, tool, scope, hide }: Question): OpenedQuestion {
    this.#count += 1;
    const requestId = `${this.#prefix}-${this.#count}`;
    const options = answerable(offered.flatMap(toOption));
    const { promise: settled, resolve: settle } = Promise.withResolvers<Settled>();
    this.#open.set(requestId, { options, settle });
    const title = clipHead(visibleLine(hide(tool.title ?? "A tool call without a title")), 4_096);
    const event: NodeTaskEvent = {
      type: "permission_requested",
      requestId,
      title,
      detail: detailOf(tool, hide),
      scope,
      options,
    };
    return { requestId, event, settled };
  }

  /**
   * Somebody answers. An option that was not offered is no consent.
   * @returns the event to say, or null where no such question is open.
   */
  answer(requestId: string, { optionId, commandId }: Settled): NodeTaskEvent | null {
    const offered = this.#open.get(requestId)?.options ?? null;
    if (offered === null) return null;
    const chosen = offered.find((option) => option.optionId === optionId) ?? null;
    if (chosen === null || refuses(chosen)) this.#onRefusal();
    return this.#close(requestId, { optionId: chosen?.optionId ?? null, commandId });
  }

  /** The agent does not want to know any more. @returns the event to say, or null where no such question is open. */
  withdraw(requestId: string): NodeTaskEvent | null {
    return this.#close(requestId, nobody);
  }

  /** Closes every open question without consent. @returns the events to say. */
  cancelAll(): NodeTaskEvent[] {
    return [...this.#open.keys()].flatMap((requestId) => this.#close(requestId, nobody) ?? []);
  }

  #close(requestId: string, settled: Settled): NodeTaskEvent | null {
    const question = this.#open.get(requestId);
    if (question === undefined) return null;
    this.#open.delete(requestId);
    question.settle(settled);
    return { type: "permission_settled", requestId, optionId: settled.optionId };
  }
}

/** As many as are shown, each under an id of its own, and among them one that refuses where there is any. */
function answerable(offered: readonly PermissionOption[]): PermissionOption[] {
  const own = [...new Map(offered.toReversed().map((option) => [option.optionId, option])).values()].toReversed();
  const kept = own.slice(0, maxOptions);
  const refusal = own.find(refuses);
  if (refusal === undefined || kept.includes(refusal)) return kept;
  return [...kept.slice(0, maxOptions - 1), refusal];
}

function refuses({ kind }: PermissionOption): boolean {
  return kind === "reject_once" || kind === "reject_always";
}

function toOption(option: RequestPermissionRequest["options"][number]): PermissionOption[] {
  const { optionId, name, kind } = option;
  if (optionId === "" || optionId.length > maxOptionIdLength) return [];
  return [{ optionId, name: clipHead(name, 512), kind }];
}
