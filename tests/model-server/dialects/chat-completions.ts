/** OpenAI's chat completions: `POST /v1/chat/completions`. */
import { z } from "zod";

import { callsOf, textOf, thoughtOf, type Answer, type Part, type Pause, type ToolCall } from "../script/answer.ts";
import type { Conversation, Turn } from "../script/conversation.ts";
import { JsonSchemaSchema } from "../tools/json-schema.ts";
import { beatsOf, freshId, pieces, type Beat, type Dialect } from "./dialect.ts";
import { openaiError } from "./openai-error.ts";

const ContentSchema = z.union([z.string(), z.array(z.object({ text: z.string().optional() })), z.null()]).optional();

const ToolSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  parameters: JsonSchemaSchema.optional(),
});

const RequestSchema = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  messages: z.array(z.object({ role: z.string(), content: ContentSchema })),
  tools: z.array(z.object({ function: ToolSchema })).nullish(),
  tool_choice: z.unknown().optional(),
  response_format: z.object({ json_schema: z.object({ schema: JsonSchemaSchema }).optional() }).nullish(),
});

function read(body: unknown): Conversation {
  const { model, stream = false, messages, tools, tool_choice, response_format } = RequestSchema.parse(body);
  const isSystem = (role: string): boolean => role === "system" || role === "developer";
  return {
    model,
    isStreamed: stream,
    system: messages.flatMap(({ role, content }) => (isSystem(role) ? [plain(content)] : [])).join("\n"),
    turns: messages.flatMap(({ role, content }): Turn[] => {
      if (role === "tool") return [{ kind: "result" }];
      return role === "user" ? [{ kind: "user", text: plain(content) }] : [];
    }),
    tools: (tools ?? []).map(({ function: { name, description = "", parameters = {} } }) => ({
      name,
      description,
      parameters,
    })),
    // "auto", "none", "required", or an object that names the tool.
    mustCall: tool_choice === "required" || (typeof tool_choice === "object" && tool_choice !== null),
    answerSchema: response_format?.json_schema?.schema ?? null,
  };
}

function plain(content: z.infer<typeof ContentSchema>): string {
  return typeof content === "string" ? content : (content ?? []).map(({ text }) => text ?? "").join("\n");
}

function* beats(answer: Answer, model: string): Iterable<Beat> {
  const head = { id: freshId("chatcmpl"), object: "chat.completion.chunk", created: seconds(), model };
  const chunk = (delta: object, finish_reason: string | null = null): Beat => ({
    kind: "event",
    data: { ...head, choices: [{ index: 0, delta, finish_reason }] },
  });
  let calls = 0;
  yield chunk({ role: "assistant", content: "" });
  yield* beatsOf(answer.parts, function* said(part: Exclude<Part, Pause>) {
    if (part.kind === "text") yield* pieces(part, (content) => chunk({ content }));
    else if (part.kind === "thought") yield chunk({ reasoning_content: part.text });
    else {
      yield chunk({ tool_calls: [{ index: calls, ...callOf(part.call) }] });
      calls += 1;
    }
  });
  yield chunk({}, calls > 0 ? "tool_calls" : "stop");
  yield { kind: "event", data: { ...head, choices: [], usage: usageOf(answer) } };
  yield { kind: "event", data: "[DONE]" };
}

function whole(answer: Answer, model: string): unknown {
  const calls = callsOf(answer);
  const thought = thoughtOf(answer);
  const message = {
    role: "assistant",
    content: textOf(answer),
    ...(thought === "" ? {} : { reasoning_content: thought }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.map(callOf) }),
  };
  return {
    id: freshId("chatcmpl"),
    object: "chat.completion",
    created: seconds(),
    model,
    choices: [{ index: 0, message, finish_reason: calls.length === 0 ? "stop" : "tool_calls" }],
    usage: usageOf(answer),
  };
}

function callOf({ name, input }: ToolCall): object {
  const given = typeof input === "string" ? { input } : input;
  return { id: freshId("call"), type: "function", function: { name, arguments: JSON.stringify(given) } };
}

function usageOf({ usage }: Answer): object {
  return {
    prompt_tokens: usage.input,
    completion_tokens: usage.output,
    total_tokens: usage.input + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cached },
    completion_tokens_details: { reasoning_tokens: usage.thoughts },
  };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

export const chatCompletions: Dialect = { name: "chat-completions", read, beats, whole, error: openaiError };
