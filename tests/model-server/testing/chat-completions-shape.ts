/** OpenAI's chat completions, seen from the client. */
import { z } from "zod";

import { parameters, repeat, type Heard, type Shape } from "./shape.ts";

const MessageSchema = z.object({
  content: z.string().optional(),
  reasoning_content: z.string().optional(),
  tool_calls: z.array(z.object({ function: z.object({ name: z.string(), arguments: z.string() }) })).optional(),
});

const ChoiceSchema = z.object({ finish_reason: z.string().nullable() });

const ChunkSchema = z.object({
  choices: z.array(ChoiceSchema.extend({ delta: MessageSchema })),
  usage: z.unknown().optional(),
});

const WholeSchema = z.object({
  choices: z.tuple([ChoiceSchema.extend({ message: MessageSchema })]),
  usage: z.unknown().optional(),
});

function heard(messages: readonly z.infer<typeof MessageSchema>[], end: string | null, usage: unknown): Heard {
  return {
    pieces: messages.flatMap(({ content = "" }) => (content === "" ? [] : [content])),
    thought: messages.map(({ reasoning_content = "" }) => reasoning_content).join(""),
    calls: messages
      .flatMap(({ tool_calls = [] }) => tool_calls)
      .map((call) => ({ name: call.function.name, input: JSON.parse(call.function.arguments) })),
    usage,
    end,
  };
}

export const chatCompletionsShape: Shape = {
  path: () => "/v1/chat/completions",
  body: ({ prompt, results, isStreamed }) => ({
    model: "m",
    stream: isStreamed,
    messages: [
      { role: "system", content: "Work." },
      { role: "user", content: prompt },
      ...repeat(results, { role: "tool", tool_call_id: "c", content: "ok" }),
    ],
    tools: [{ type: "function", function: { name: "bash", parameters } }],
  }),
  hear: (events) => {
    const chunks = events.map((event) => ChunkSchema.parse(event));
    const choices = chunks.flatMap((chunk) => chunk.choices);
    return heard(
      choices.map(({ delta }) => delta),
      choices.at(-1)?.finish_reason ?? null,
      chunks.at(-1)?.usage,
    );
  },
  hearWhole: (body) => {
    const {
      choices: [{ message, finish_reason }],
      usage,
    } = WholeSchema.parse(body);
    return heard([message], finish_reason, usage);
  },
};
