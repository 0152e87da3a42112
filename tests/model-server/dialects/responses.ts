/** OpenAI's responses: `POST /v1/responses`. */
import { z } from "zod";

import { callsOf, textOf, thoughtOf, type Answer, type Part, type Pause } from "../script/answer.ts";
import type { Conversation, DeclaredTool, Turn } from "../script/conversation.ts";
import { JsonSchemaSchema } from "../tools/json-schema.ts";
import { beatsOf, freshId, pieces, type Beat, type Dialect } from "./dialect.ts";
import { openaiError } from "./openai-error.ts";
import { callItem, messageItem, thoughtItem, type Item } from "./responses-items.ts";

const ContentSchema = z.union([z.string(), z.array(z.object({ text: z.string().optional() }))]).optional();

const ToolSchema = z.object({
  type: z.string(),
  name: z.string().optional(),
  description: z.string().optional(),
  parameters: JsonSchemaSchema.nullish(),
  /** Of a namespace. */
  get tools() {
    return z.array(ToolSchema).optional();
  },
});

type Tool = z.infer<typeof ToolSchema>;

const InputSchema = z.array(
  z.object({
    type: z.string().optional(),
    role: z.string().optional(),
    content: ContentSchema.catch(undefined),
    /** Codex declares the tools of its newer models in here. */
    tools: z.array(ToolSchema).optional(),
  }),
);

const RequestSchema = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  instructions: z.string().nullish(),
  input: z.union([z.string(), InputSchema]),
  tools: z.array(ToolSchema).nullish(),
  tool_choice: z.unknown().optional(),
  text: z.object({ format: z.object({ schema: JsonSchemaSchema.optional() }).optional() }).nullish(),
});

function read(body: unknown): Conversation {
  const { model, stream = false, instructions, input, tools, tool_choice, text } = RequestSchema.parse(body);
  const items: z.infer<typeof InputSchema> = typeof input === "string" ? [{ role: "user", content: input }] : input;
  const system = items.flatMap(({ role, content }) =>
    role === "system" || role === "developer" ? [plain(content)] : [],
  );
  return {
    model,
    isStreamed: stream,
    system: [instructions ?? "", ...system].join("\n"),
    turns: items.flatMap(({ type, role, content }): Turn[] => {
      if (type?.endsWith("_call_output") === true) return [{ kind: "result" }];
      return role === "user" ? [{ kind: "user", text: plain(content) }] : [];
    }),
    tools: [...(tools ?? []), ...items.flatMap((item) => item.tools ?? [])].flatMap(declared),
    mustCall: tool_choice === "required" || (typeof tool_choice === "object" && tool_choice !== null),
    answerSchema: text?.format?.schema ?? null,
  };
}

/** Of the namespaces, only the one that a call need not name. */
function declared({ type, name, description = "", parameters, tools = [] }: Tool): readonly DeclaredTool[] {
  if (name === undefined) return [];
  if (type === "namespace") return name === "functions" ? tools.flatMap(declared) : [];
  return [{ name, description, parameters: type === "custom" ? null : (parameters ?? {}) }];
}

function plain(content: z.infer<typeof ContentSchema>): string {
  return typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("\n");
}

function* beats(answer: Answer, model: string): Iterable<Beat> {
  const events = new Events();
  const response = responseOf(answer, model, []);
  yield events.event("response.created", { response: { ...response, status: "in_progress", usage: null } });
  const items: Item[] = [];
  yield* beatsOf(answer.parts, function* said(part: Exclude<Part, Pause>) {
    const item = part.kind === "text" ? messageItem(part.chunks.join("")) : itemOf(part);
    const at = { item_id: item["id"], output_index: items.length };
    yield events.event("response.output_item.added", { ...at, item: { ...item, ...emptied(part) } });
    if (part.kind === "text") {
      const text = part.chunks.join("");
      const content = { ...at, content_index: 0 };
      const done = { type: "output_text", text, annotations: [] };
      yield events.event("response.content_part.added", { ...content, part: { ...done, text: "" } });
      yield* pieces(part, (delta) => events.event("response.output_text.delta", { ...content, delta }));
      yield events.event("response.output_text.done", { ...content, text });
      yield events.event("response.content_part.done", { ...content, part: done });
    } else if (part.kind === "thought") {
      const summary = { ...at, summary_index: 0 };
      yield events.event("response.reasoning_summary_part.added", {
        ...summary,
        part: { type: "summary_text", text: "" },
      });
      yield events.event("response.reasoning_summary_text.delta", { ...summary, delta: part.text });
      yield events.event("response.reasoning_summary_text.done", { ...summary, text: part.text });
    }
    yield events.event("response.output_item.done", { ...at, item });
    items.push(item);
  });
  yield events.event("response.completed", { response: { ...response, output: items } });
}

/** What of the item isn't there yet when it begins. */
function emptied(part: Exclude<Part, Pause>): object {
  if (part.kind === "text") return { status: "in_progress", content: [] };
  return part.kind === "thought" ? { summary: [] } : { status: "in_progress" };
}

function itemOf(part: Extract<Part, { kind: "thought" | "call" }>): Item {
  return part.kind === "thought" ? thoughtItem(part.text) : callItem(part.call);
}

/** Events are numbered. */
class Events {
  #count = 0;

  event(type: string, data: object): Beat {
    const sequence_number = this.#count;
    this.#count += 1;
    return { kind: "event", name: type, data: { type, sequence_number, ...data } };
  }
}

function whole(answer: Answer, model: string): unknown {
  const thought = thoughtOf(answer);
  const text = textOf(answer);
  return responseOf(answer, model, [
    ...(thought === "" ? [] : [thoughtItem(thought)]),
    ...(text === "" ? [] : [messageItem(text)]),
    ...callsOf(answer).map(callItem),
  ]);
}

function responseOf({ usage }: Answer, model: string, output: readonly Item[]): object {
  return {
    id: freshId("resp"),
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    status: "completed",
    model,
    output,
    error: null,
    incomplete_details: null,
    usage: {
      input_tokens: usage.input,
      input_tokens_details: { cached_tokens: usage.cached },
      output_tokens: usage.output,
      output_tokens_details: { reasoning_tokens: usage.thoughts },
      total_tokens: usage.input + usage.output,
    },
  };
}

export const responses: Dialect = { name: "responses", read, beats, whole, error: openaiError };
