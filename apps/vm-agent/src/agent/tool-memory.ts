/**
 * The memory of an agent's tool calls: what it has said of each so far. A question about one may leave out what an update
 * said before.
 */
import { z } from "zod";

export interface ToolFacts {
  readonly title: string | null;
  readonly kind: string | null;
  readonly rawInput: unknown;
  readonly locations: readonly string[];
  readonly content: readonly ToolContent[];
  /** Whether the agent has told of it by a `tool_call`. */
  readonly isAnnounced: boolean;
  readonly isDone: boolean;
}

/** A change of a file, or a text. */
export interface ToolContent {
  /** Null for a text. */
  readonly path: string | null;
  readonly oldText: string;
  readonly newText: string;
}

type Update = Readonly<Record<string, unknown>>;

const text = z.string().nullish().catch(null);
const callSchema = z.object({
  toolCallId: z.string(),
  title: text,
  kind: text,
  status: text,
  rawInput: z.unknown().optional(),
  locations: z
    .array(z.object({ path: z.string() }))
    .nullish()
    .catch(null),
  content: z.array(z.unknown()).nullish().catch(null),
});

const contentSchema = z.union([
  z.object({ type: z.literal("diff"), path: z.string(), oldText: text, newText: z.string() }),
  z.object({ type: z.literal("content"), content: z.object({ type: z.literal("text"), text: z.string() }) }),
]);

const maxCalls = 64;
const nothing: ToolFacts = {
  title: null,
  kind: null,
  rawInput: null,
  locations: [],
  content: [],
  isAnnounced: false,
  isDone: false,
};

export class ToolMemory {
  readonly #calls = new Map<string, ToolFacts>();

  /** Notes what a question says of a tool call. @returns all that is known of it now. */
  note(call: unknown): ToolFacts {
    const parsed = callSchema.safeParse(call);
    if (!parsed.success) return nothing;
    const { toolCallId, title, kind, rawInput, locations, content, status } = parsed.data;
    const before = this.#calls.get(toolCallId) ?? nothing;
    return this.#keep(toolCallId, {
      title: title ?? before.title,
      kind: kind ?? before.kind,
      rawInput: rawInput ?? before.rawInput,
      locations: locations?.map(({ path }) => path) ?? before.locations,
      content: content?.flatMap(toContent) ?? before.content,
      isAnnounced: before.isAnnounced,
      isDone: before.isDone || status === "completed" || status === "failed",
    });
  }

  /**
   * Notes a `session/update` of any kind.
   * @returns the update; where it is the first word about a tool call, in the form that a first word has.
   */
  noteUpdate(update: Update): Update {
    const kind = update["sessionUpdate"];
    if (kind !== "tool_call" && kind !== "tool_call_update") return update;
    const facts = this.note(update);
    if (facts.isAnnounced) return update;
    this.#announce(update["toolCallId"], facts);
    return kind === "tool_call" ? update : { title: "Tool call", ...update, sessionUpdate: "tool_call" };
  }

  /** @returns the first word about a tool call that the agent asks about before it has told of it; null where it has. */
  announcement(call: Update): Update | null {
    const facts = this.note(call);
    if (facts.isAnnounced) return null;
    this.#announce(call["toolCallId"], facts);
    return { title: "Tool call", ...call, sessionUpdate: "tool_call" };
  }

  /** @returns the ids of the calls of which no end was told, and counts them as ended. */
  endAll(): readonly string[] {
    const open = [...this.#calls].filter(([, facts]) => facts.isAnnounced && !facts.isDone);
    for (const [toolCallId, facts] of open) this.#keep(toolCallId, { ...facts, isDone: true });
    return open.map(([toolCallId]) => toolCallId);
  }

  #announce(toolCallId: unknown, facts: ToolFacts): void {
    if (typeof toolCallId === "string") this.#keep(toolCallId, { ...facts, isAnnounced: true });
  }

  #keep(toolCallId: string, facts: ToolFacts): ToolFacts {
    this.#calls.delete(toolCallId);
    this.#calls.set(toolCallId, facts);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > maxCalls && oldest !== undefined) this.#calls.delete(oldest);
    return facts;
  }
}

function toContent(item: unknown): ToolContent[] {
  const parsed = contentSchema.safeParse(item);
  if (!parsed.success) return [];
  const { data } = parsed;
  if (data.type === "content") return [{ path: null, oldText: "", newText: data.content.text }];
  return [{ path: data.path, oldText: data.oldText ?? "", newText: data.newText }];
}
