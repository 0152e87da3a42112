/**
 * A script is what a person wrote into a prompt for the model server to do: a fenced block of steps.
 *
 *   ```model-script
 *   [{ "say": "I begin." }, { "write": { "path": "a.txt", "content": "a\n" } }, { "say": "Done." }]
 *   ```
 */
import { z } from "zod";

const StepSchema = z.union([
  /** A text, in so many pieces, with a pause between two of them. */
  z.strictObject({
    say: z.string(),
    chunks: z.int().positive().optional(),
    chunkDelayMs: z.int().nonnegative().optional(),
  }),
  /** A thought, where the dialect has them. */
  z.strictObject({ think: z.string() }),
  z.strictObject({ write: z.strictObject({ path: z.string(), content: z.string() }) }),
  z.strictObject({ read: z.strictObject({ path: z.string() }) }),
  z.strictObject({ run: z.string() }),
  /** What the agent's list of things to do shows; where it has none, nothing happens. */
  z.strictObject({ plan: z.array(z.string()).min(1) }),
  /** Answers with this HTTP status, however often it is asked; cuts the connection where a text has been said before. */
  z.strictObject({ fail: z.strictObject({ status: z.int().min(400).max(599) }) }),
  /** Takes the request and says nothing more, until the client goes away. */
  z.strictObject({ hang: z.literal(true) }),
  z.strictObject({ delayMs: z.int().nonnegative() }),
]);

export type Step = z.infer<typeof StepSchema>;

/** The steps that a tool of the agent carries out. */
export type ToolStep = Extract<Step, { write: unknown } | { read: unknown } | { run: unknown } | { plan: unknown }>;

export type Script = readonly Step[];

const ScriptSchema = z.array(StepSchema);

/** @returns whether the agent has to carry out the step, and says what came of it. */
export function isToolStep(step: Step): step is ToolStep {
  return "write" in step || "read" in step || "run" in step || "plan" in step;
}

/** @returns the last script in the text, or null. Throws where the block holds no script: a test has a mistake in it. */
export function scriptIn(text: string): Script | null {
  const block = [...text.matchAll(/^[^\S\n]*```model-script[^\S\n]*\n([\s\S]*?)^[^\S\n]*```/gm)].at(-1)?.[1];
  return block === undefined ? null : ScriptSchema.parse(JSON.parse(block));
}

/** @returns the text of a prompt that holds the script, after some words for a person. */
export function promptOf(script: Script, words = "Follow the script."): string {
  return `${words}\n\n\`\`\`model-script\n${JSON.stringify(script)}\n\`\`\`\n`;
}
