/** Gemini, seen from the client. */
import { z } from "zod";

import { parameters, repeat, type Heard, type Shape } from "./shape.ts";

const PartSchema = z.object({
  text: z.string().default(""),
  thought: z.boolean().default(false),
  functionCall: z.object({ name: z.string(), args: z.unknown() }).optional(),
});

const ChunkSchema = z.object({
  candidates: z.tuple([
    z.object({ content: z.object({ parts: z.array(PartSchema) }), finishReason: z.string().optional() }),
  ]),
  usageMetadata: z.unknown().optional(),
});

function hear(events: readonly unknown[]): Heard {
  const chunks = events.map((event) => ChunkSchema.parse(event));
  const parts = chunks.flatMap(({ candidates: [{ content }] }) => content.parts);
  const last = chunks.at(-1);
  return {
    pieces: parts.flatMap(({ text, thought }) => (thought || text === "" ? [] : [text])),
    thought: parts.map(({ text, thought }) => (thought ? text : "")).join(""),
    calls: parts.flatMap(({ functionCall: call }) =>
      call === undefined ? [] : [{ name: call.name, input: call.args }],
    ),
    usage: last?.usageMetadata,
    end: last?.candidates[0].finishReason ?? null,
  };
}

export const geminiShape: Shape = {
  path: ({ isStreamed }) => `/v1beta/models/m:${isStreamed ? "streamGenerateContent?alt=sse" : "generateContent"}`,
  body: ({ prompt, results }) => ({
    contents: [
      { role: "user", parts: [{ text: prompt }] },
      ...repeat(results, { role: "user", parts: [{ functionResponse: { name: "x", response: {} } }] }),
    ],
    tools: [{ functionDeclarations: [{ name: "run_shell_command", parametersJsonSchema: parameters }] }],
  }),
  hear,
  hearWhole: (body) => hear([body]),
};
