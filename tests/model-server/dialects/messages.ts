/** Anthropic's messages: `POST /v1/messages`. */
import { z } from "zod";

import { isPause, type Answer, type Part, type Pause } from "../script/answer.ts";
import type { Conversation, Turn } from "../script/conversation.ts";
import { JsonSchemaSchema } from "../tools/json-schema.ts";
import { beatsOf, freshId, pieces, type Beat, type Dialect } from "./dialect.ts";

const BlocksSchema = z.array(z.object({ type: z.string(), text: z.string().optional() }));

const RequestSchema = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  system: z.union([z.string(), BlocksSchema]).optional(),
  messages: z.array(z.object({ role: z.string(), content: z.union([z.string(), BlocksSchema]) })),
  tools: z
    .array(
      z.object({ name: z.string(), description: z.string().optional(), input_schema: JsonSchemaSchema.optional() }),
    )
    .optional(),
  tool_choice: z.object({ type: z.string() }).optional(),
  output_config: z
    .object({ format: z.object({ schema: JsonSchemaSchema.optional() }).nullish() })
    .nullish()
    .catch(null),
});

function read(body: unknown): Conversation {
  const {
    model,
    stream = false,
    system = "",
    messages,
    tools = [],
    tool_choice,
    output_config,
  } = RequestSchema.parse(body);
  return {
    model,
    isStreamed: stream,
    // Claude Code describes some models' surroundings in a message of the system.
    system: [system, ...messages.flatMap(({ role, content }) => (role === "system" ? [content] : []))]
      .flatMap(blocksOf)
      .map(({ text = "" }) => text)
      .join("\n"),
    turns: messages.flatMap(({ role, content }) => (role === "user" ? blocksOf(content).flatMap(turnOf) : [])),
    tools: tools.map(({ name, description = "", input_schema = {} }) => ({
      name,
      description,
      parameters: input_schema,
    })),
    mustCall: tool_choice?.type === "any" || tool_choice?.type === "tool",
    answerSchema: output_config?.format?.schema ?? null,
  };
}

function blocksOf(content: string | z.infer<typeof BlocksSchema>): z.infer<typeof BlocksSchema> {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function turnOf({ type, text = "" }: z.infer<typeof BlocksSchema>[number]): readonly Turn[] {
  if (type === "tool_result") return [{ kind: "result" }];
  return type === "text" ? [{ kind: "user", text }] : [];
}

function* beats(answer: Answer, model: string): Iterable<Beat> {
  const event = (type: string, data: object): Beat => ({ kind: "event", name: type, data: { type, ...data } });
  const message = { ...messageOf(answer, model), content: [], stop_reason: null };
  yield event("message_start", { message: { ...message, usage: usageOf(answer, 1) } });
  let index = 0;
  yield* beatsOf(answer.parts, function* said(part: Exclude<Part, Pause>) {
    const at = { index };
    const delta = (data: object): Beat => event("content_block_delta", { ...at, delta: data });
    yield event("content_block_start", { ...at, content_block: emptied(blockOf(part)) });
    if (part.kind === "text") yield* pieces(part, (text) => delta({ type: "text_delta", text }));
    else if (part.kind === "call")
      yield delta({ type: "input_json_delta", partial_json: JSON.stringify(part.call.input) });
    else {
      yield delta({ type: "thinking_delta", thinking: part.text });
      yield delta({ type: "signature_delta", signature });
    }
    yield event("content_block_stop", at);
    index += 1;
  });
  yield event("message_delta", {
    delta: { stop_reason: stopReason(answer), stop_sequence: null },
    usage: usageOf(answer, answer.usage.output),
  });
  yield event("message_stop", {});
}

const signature = Buffer.from("signed by the model server").toString("base64");

type Block =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "tool_use"; readonly id: string; readonly name: string; readonly input: unknown };

function blockOf(part: Exclude<Part, Pause>): Block {
  if (part.kind === "text") return { type: "text", text: part.chunks.join("") };
  if (part.kind === "thought") return { type: "thinking", thinking: part.text, signature };
  return { type: "tool_use", id: freshId("toolu"), name: part.call.name, input: part.call.input };
}

function emptied(block: Block): Block {
  switch (block.type) {
    case "text":
      return { ...block, text: "" };
    case "thinking":
      return { ...block, thinking: "", signature: "" };
    case "tool_use":
      return { ...block, input: {} };
  }
}

function whole(answer: Answer, model: string): unknown {
  return messageOf(answer, model);
}

function messageOf(answer: Answer, model: string): object {
  return {
    id: freshId("msg"),
    type: "message",
    role: "assistant",
    model,
    content: answer.parts.flatMap((part) => (isPause(part) ? [] : [blockOf(part)])),
    stop_reason: stopReason(answer),
    stop_sequence: null,
    usage: usageOf(answer, answer.usage.output),
  };
}

function stopReason({ parts }: Answer): string {
  return parts.some(({ kind }) => kind === "call") ? "tool_use" : "end_turn";
}

/** Anthropic counts the cached tokens beside the input, not in it. */
function usageOf({ usage }: Answer, output_tokens: number): object {
  return {
    input_tokens: usage.input - usage.cached,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: usage.cached,
    output_tokens,
  };
}

function error(status: number, message: string): unknown {
  const types: Readonly<Record<number, string>> = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
  };
  return { type: "error", error: { type: types[status] ?? "api_error", message }, request_id: freshId("req") };
}

export const messages: Dialect = { name: "messages", read, beats, whole, error };
