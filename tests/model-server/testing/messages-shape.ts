/** Anthropic's messages, seen from the client. */
import { z } from "zod";

import { parameters, repeat, type Heard, type Shape } from "./shape.ts";

const BlockSchema = z.object({
  type: z.string(),
  text: z.string().default(""),
  thinking: z.string().default(""),
  name: z.string().default(""),
  input: z.unknown().optional(),
});

const DeltaSchema = z.object({
  text: z.string().default(""),
  thinking: z.string().default(""),
  partial_json: z.string().default(""),
  stop_reason: z.string().nullable().default(null),
});

const EventSchema = z.object({
  type: z.string(),
  content_block: BlockSchema.optional(),
  delta: DeltaSchema.optional(),
  usage: z.unknown().optional(),
});

const WholeSchema = z.object({ content: z.array(BlockSchema), usage: z.unknown(), stop_reason: z.string() });

function hear(events: readonly unknown[]): Heard {
  const parsed = events.map((event) => EventSchema.parse(event));
  const deltas = parsed.flatMap(({ type, delta }) =>
    type === "content_block_delta" && delta !== undefined ? [delta] : [],
  );
  const names = parsed.flatMap(({ content_block: block }) => (block?.type === "tool_use" ? [block.name] : []));
  const inputs = deltas.flatMap(({ partial_json }) => (partial_json === "" ? [] : [partial_json]));
  const end = parsed.find(({ type }) => type === "message_delta");
  return {
    pieces: deltas.flatMap(({ text }) => (text === "" ? [] : [text])),
    thought: deltas.map(({ thinking }) => thinking).join(""),
    calls: names.map((name, index) => ({ name, input: JSON.parse(inputs[index] ?? "null") })),
    usage: end?.usage,
    end: end?.delta?.stop_reason ?? null,
  };
}

export const messagesShape: Shape = {
  path: () => "/v1/messages",
  body: ({ prompt, results, isStreamed }) => ({
    model: "m",
    stream: isStreamed,
    max_tokens: 100,
    messages: [
      { role: "user", content: [{ type: "text", text: prompt }] },
      ...repeat(results, { role: "user", content: [{ type: "tool_result", tool_use_id: "c", content: "ok" }] }),
    ],
    tools: [{ name: "Bash", input_schema: parameters }],
  }),
  hear,
  hearWhole: (body) => {
    const { content, usage, stop_reason } = WholeSchema.parse(body);
    return {
      pieces: content.flatMap(({ text }) => (text === "" ? [] : [text])),
      thought: content.map(({ thinking }) => thinking).join(""),
      calls: content.filter(({ type }) => type === "tool_use").map(({ name, input }) => ({ name, input })),
      usage,
      end: stop_reason,
    };
  },
};
