/** Gemini: `POST /v1beta/models/<model>:streamGenerateContent` and `:generateContent`. */
import { z } from "zod";

import { isPause, type Answer, type Part, type Pause } from "../script/answer.ts";
import type { Conversation, Turn } from "../script/conversation.ts";
import { JsonSchemaSchema } from "../tools/json-schema.ts";
import { beatsOf, freshId, pieces, type Beat, type Dialect } from "./dialect.ts";

const ContentSchema = z.object({
  role: z.string().optional(),
  parts: z.array(z.object({ text: z.string().optional(), functionResponse: z.unknown().optional() })).optional(),
});

const RequestSchema = z.object({
  contents: z.array(ContentSchema),
  systemInstruction: ContentSchema.optional(),
  tools: z
    .array(
      z.object({
        functionDeclarations: z
          .array(
            z.object({
              name: z.string(),
              description: z.string().optional(),
              parameters: JsonSchemaSchema.optional(),
              parametersJsonSchema: JsonSchemaSchema.optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
  toolConfig: z.object({ functionCallingConfig: z.object({ mode: z.string().optional() }).optional() }).optional(),
  generationConfig: z
    .object({
      responseSchema: JsonSchemaSchema.optional(),
      responseJsonSchema: JsonSchemaSchema.optional(),
    })
    .optional(),
});

function read(body: unknown, path: string): Conversation {
  const { contents, systemInstruction, tools = [], toolConfig, generationConfig } = RequestSchema.parse(body);
  return {
    model: /\/models\/([^/:]+):/.exec(path)?.[1] ?? "",
    isStreamed: path.includes(":streamGenerateContent"),
    system: (systemInstruction?.parts ?? []).map(({ text = "" }) => text).join("\n"),
    turns: contents.flatMap(({ role, parts = [] }): Turn[] => {
      if (role === "model") return [];
      return parts.flatMap(({ text, functionResponse }): Turn[] => {
        if (functionResponse !== undefined) return [{ kind: "result" }];
        return text === undefined ? [] : [{ kind: "user", text }];
      });
    }),
    tools: tools
      .flatMap(({ functionDeclarations = [] }) => functionDeclarations)
      .map(({ name, description = "", parameters, parametersJsonSchema }) => ({
        name,
        description,
        parameters: parametersJsonSchema ?? parameters ?? {},
      })),
    mustCall: toolConfig?.functionCallingConfig?.mode === "ANY",
    answerSchema: generationConfig?.responseJsonSchema ?? generationConfig?.responseSchema ?? null,
  };
}

function* beats(answer: Answer, model: string): Iterable<Beat> {
  const head = { modelVersion: model, responseId: freshId("resp") };
  const chunk = (part: object): Beat => ({
    kind: "event",
    data: { ...head, candidates: [{ index: 0, content: { role: "model", parts: [part] } }] },
  });
  yield* beatsOf(answer.parts, function* said(part: Exclude<Part, Pause>) {
    if (part.kind === "text") yield* pieces(part, (text) => chunk({ text }));
    else yield chunk(partOf(part));
  });
  yield { kind: "event", data: { ...head, ...endOf(answer, [{ text: "" }]) } };
}

function partOf(part: Exclude<Part, Pause>): object {
  if (part.kind === "text") return { text: part.chunks.join("") };
  if (part.kind === "thought") return { text: part.text, thought: true };
  return { functionCall: { id: freshId("call"), name: part.call.name, args: part.call.input } };
}

function whole(answer: Answer, model: string): unknown {
  const parts = answer.parts.flatMap((part) => (isPause(part) ? [] : [partOf(part)]));
  return { modelVersion: model, responseId: freshId("resp"), ...endOf(answer, parts) };
}

/** Gemini counts the cached tokens in the prompt, and the thoughts beside the answer. */
function endOf({ usage }: Answer, parts: readonly object[]): object {
  return {
    candidates: [{ index: 0, content: { role: "model", parts }, finishReason: "STOP" }],
    usageMetadata: {
      promptTokenCount: usage.input,
      cachedContentTokenCount: usage.cached,
      candidatesTokenCount: usage.output - usage.thoughts,
      thoughtsTokenCount: usage.thoughts,
      totalTokenCount: usage.input + usage.output,
    },
  };
}

function error(status: number, message: string): unknown {
  const words: Readonly<Record<number, string>> = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    503: "UNAVAILABLE",
  };
  return { error: { code: status, message, status: words[status] ?? "INTERNAL" } };
}

export const gemini: Dialect = { name: "gemini", read, beats, whole, error };
