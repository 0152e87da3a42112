/**
 * Masked updates are an agent's updates without the secrets of its owner, also where a secret was cut in two between two
 * chunks of a text: the end of a chunk that could begin a secret waits for the next one. It waits no longer than until
 * something else is shown, so that the order stays what it was.
 */
import type { SecretMask } from "./secret-mask.ts";

export type Update = Readonly<Record<string, unknown>>;

interface Waiting {
  readonly stream: string;
  /** The chunk that the text belongs to. */
  readonly update: Update;
  readonly text: string;
}

const chunkKinds: ReadonlySet<unknown> = new Set(["agent_message_chunk", "agent_thought_chunk", "user_message_chunk"]);
/** They show nothing between two chunks. */
const unseenKinds: ReadonlySet<unknown> = new Set([
  "usage_update",
  "available_commands_update",
  "current_mode_update",
  "config_option_update",
  "session_info_update",
]);
/** Words of the protocol, not of the agent: a secret that happens to be such a word must not break an update. */
const wordKeys: ReadonlySet<string> = new Set(["sessionUpdate", "status", "kind", "type", "priority", "role"]);
const word = /^[a-z_]{1,40}$/;
const maxDepth = 64;

export class MaskedUpdates {
  readonly #mask: () => SecretMask;
  #waiting: Waiting | null = null;

  /** The mask is looked up for each update, since a new secret may come in the meantime. */
  constructor(mask: () => SecretMask) {
    this.#mask = mask;
  }

  /** @returns what may be shown now. */
  take(update: Update): Update[] {
    const kind = update["sessionUpdate"];
    if (unseenKinds.has(kind)) return [maskJson(update, this.#mask())];
    const text = chunkKinds.has(kind) ? textOf(update) : null;
    if (text === null) return [...this.flush(), this.#whole(update)];
    const stream = `${String(kind)} ${JSON.stringify(update["messageId"] ?? null)}`;
    const before = this.#waiting?.stream === stream ? [] : this.flush();
    const begun = this.#waiting?.text ?? "";
    const { shown, held } = this.#mask().split(begun + text);
    this.#waiting = held === "" ? null : { stream, update, text: held };
    // A chunk without a text may carry something else.
    return shown === "" && (held !== "" || begun !== "") ? before : [...before, this.#chunk(update, shown)];
  }

  /** @returns what waited: nothing more of its text comes. */
  flush(): Update[] {
    const waiting = this.#waiting;
    this.#waiting = null;
    return waiting === null ? [] : [this.#chunk(waiting.update, this.#mask().mask(waiting.text))];
  }

  /** The output of a tool that runs on is sent again, longer. */
  #whole(update: Update): Update {
    const isDone = update["status"] === "completed" || update["status"] === "failed";
    const mask = this.#mask();
    if (update["sessionUpdate"] !== "tool_call_update" || isDone) return maskJson(update, mask);
    const { content, rawOutput, ...rest } = update;
    const output = { ...(content === undefined ? {} : { content }), ...(rawOutput === undefined ? {} : { rawOutput }) };
    return { ...maskJson(rest, mask), ...maskJson(output, mask, (text) => mask.maskGrowing(text)) };
  }

  #chunk(update: Update, text: string): Update {
    const mask = this.#mask();
    const content = { ...(isRecord(update["content"]) ? update["content"] : {}), text: "" };
    return { ...maskJson({ ...update, content: null }, mask), content: { ...maskJson(content, mask), text } };
  }
}

/** @returns the value with every text in it masked, keys too. */
export function maskJson(value: Update, mask: SecretMask, maskText = (text: string) => mask.mask(text)): Update {
  if (mask.isEmpty) return value;
  const walkRecord = (record: Update, depth: number): Update =>
    Object.fromEntries(
      Object.entries(record).map(([key, inner]) => [
        mask.mask(key),
        wordKeys.has(key) && typeof inner === "string" && word.test(inner) ? inner : walk(inner, depth + 1),
      ]),
    );
  const walk = (inner: unknown, depth: number): unknown => {
    if (typeof inner === "string") return maskText(inner);
    // A secret of digits alone may come as a number.
    if (typeof inner === "number") return mask.namesIn(String(inner)).length === 0 ? inner : maskText(String(inner));
    if (typeof inner !== "object" || inner === null) return inner;
    // Nobody looks so deep, and what is not looked at is not shown.
    if (depth > maxDepth) return null;
    if (Array.isArray(inner)) return inner.map((item) => walk(item, depth + 1));
    return isRecord(inner) ? walkRecord(inner, depth) : null;
  };
  return walkRecord(value, 0);
}

function textOf(update: Update): string | null {
  const { content } = update;
  if (!isRecord(content) || content["type"] !== "text") return null;
  return typeof content["text"] === "string" ? content["text"] : null;
}

function isRecord(value: unknown): value is Update {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
