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
}

/** A change of a file, or a text. */
export interface ToolContent {
  /** Null for a text. */
  readonly path: string | null;
  readonly oldText: string;
  readonly newText: string;
}

const text = z.string().nullish().catch(null);
const callSchema = z.object({
  toolCallId: z.string(),
  title: text,
  kind: text,
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

const maxCalls = 256;
const nothing: ToolFacts = { title: null, kind: null, rawInput: null, locations: [], content: [] };

export class ToolMemory {
  readonly #calls = new Map<string, ToolFacts>();

  /** Notes what an update, or a question, says of a tool call. @returns all that is known of it now. */
  note(call: unknown): ToolFacts {
    const parsed = callSchema.safeParse(call);
    if (!parsed.success) return nothing;
    const { toolCallId, title, kind, rawInput, locations, content } = parsed.data;
    const before = this.#calls.get(toolCallId) ?? nothing;
    const facts: ToolFacts = {
      title: title ?? before.title,
      kind: kind ?? before.kind,
      rawInput: rawInput ?? before.rawInput,
      locations: locations?.map(({ path }) => path) ?? before.locations,
      content: content?.flatMap(toContent) ?? before.content,
    };
    this.#calls.delete(toolCallId);
    this.#calls.set(toolCallId, facts);
    const [oldest] = this.#calls.keys();
    if (this.#calls.size > maxCalls && oldest !== undefined) this.#calls.delete(oldest);
    return facts;
  }

  /** The same for a `session/update` of any kind. */
  noteUpdate(update: Readonly<Record<string, unknown>>): void {
    const kind = update["sessionUpdate"];
    if (kind === "tool_call" || kind === "tool_call_update") this.note(update);
  }
}

function toContent(item: unknown): ToolContent[] {
  const parsed = contentSchema.safeParse(item);
  if (!parsed.success) return [];
  const { data } = parsed;
  if (data.type === "content") return [{ path: null, oldText: "", newText: data.content.text }];
  return [{ path: data.path, oldText: data.oldText ?? "", newText: data.newText }];
}
