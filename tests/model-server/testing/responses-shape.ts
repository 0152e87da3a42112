/** OpenAI's responses, seen from the client. */
import { z } from "zod";

import { parameters, repeat, type Heard, type Shape } from "./shape.ts";

const ItemSchema = z.object({
  type: z.string(),
  content: z.array(z.object({ text: z.string() })).default([]),
  summary: z.array(z.object({ text: z.string() })).default([]),
  name: z.string().default(""),
  arguments: z.string().default("{}"),
});

const ResponseSchema = z.object({ status: z.string(), usage: z.unknown(), output: z.array(ItemSchema) });

const EventSchema = z.object({ type: z.string(), delta: z.string().optional(), response: z.unknown().optional() });

function hearWhole(body: unknown): Heard {
  const { output, usage, status } = ResponseSchema.parse(body);
  return {
    pieces: output.flatMap(({ content }) => content.map(({ text }) => text)),
    thought: output.flatMap(({ summary }) => summary.map(({ text }) => text)).join(""),
    calls: output
      .filter(({ type }) => type === "function_call")
      .map((item) => ({ name: item.name, input: JSON.parse(item.arguments) })),
    usage,
    end: status,
  };
}

export const responsesShape: Shape = {
  path: () => "/v1/responses",
  body: ({ prompt, results, isStreamed }) => ({
    model: "m",
    stream: isStreamed,
    instructions: "Work.",
    input: [
      { type: "message", role: "user", content: [{ type: "input_text", text: prompt }] },
      ...repeat(results, { type: "function_call_output", call_id: "c", output: "ok" }),
    ],
    tools: [{ type: "function", name: "shell_command", parameters }],
  }),
  hear: (events) => {
    const parsed = events.map((event) => EventSchema.parse(event));
    return {
      ...hearWhole(parsed.find(({ type }) => type === "response.completed")?.response),
      pieces: parsed.flatMap(({ type, delta }) =>
        type === "response.output_text.delta" && delta !== undefined ? [delta] : [],
      ),
    };
  },
  hearWhole,
};
