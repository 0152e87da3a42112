/** The script of a turn of the test agent: a JSON array of steps, given as the prompt. */
import { z } from "zod";

export const stepSchema = z.union([
  /** Writes a file of the workspace by itself. */
  z.strictObject({ write: z.string(), content: z.string().optional() }),
  /** Runs a command to its end and says what it printed. */
  z.strictObject({ sh: z.string() }),
  z.strictObject({ say: z.string(), times: z.number().optional() }),
  /** Says the texts one after the other, as the chunks of one message. */
  z.strictObject({ chunks: z.array(z.string()) }),
  /** Asks its model as OpenCode would, so many times, and says the status of each answer. */
  z.strictObject({ callModel: z.number() }),
  /** Writes to its standard error. */
  z.strictObject({ complain: z.string() }),
  /** Says a text of so many characters, with these last ones. */
  z.strictObject({ sayLength: z.number(), ending: z.string() }),
  /** Starts a command in a session of its own and does not wait. */
  z.strictObject({ background: z.string() }),
  /** From now on it does not end by a signal that can be caught. */
  z.strictObject({ stubborn: z.literal(true) }),
  z.strictObject({ ask: z.string() }),
  z.strictObject({ readThroughClient: z.string() }),
  z.strictObject({ writeThroughClient: z.string() }),
  /** Writes a line to its output as it is. */
  z.strictObject({ raw: z.string() }),
  z.strictObject({ exit: z.number() }),
  z.strictObject({ fail: z.string() }),
  z.strictObject({ hang: z.enum(["listening", "deaf"]) }),
  /** Ends the turn with this report of the runbook agent's kind. */
  z.strictObject({ report: z.record(z.string(), z.unknown()) }),
]);
export type Step = z.infer<typeof stepSchema>;

export function script(...steps: readonly Step[]): string {
  return JSON.stringify(steps);
}
