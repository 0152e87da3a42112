/** A conversation is what an agent sends with each request, in the words of no dialect. */
import type { JsonSchema } from "../tools/json-schema.ts";

export type Turn =
  | { readonly kind: "user"; readonly text: string }
  /** What came of one call of a tool. */
  | { readonly kind: "result" };

export interface DeclaredTool {
  readonly name: string;
  readonly description: string;
  /** Null where the tool takes a plain text. */
  readonly parameters: JsonSchema | null;
}

export interface Conversation {
  readonly model: string;
  readonly isStreamed: boolean;
  readonly system: string;
  /** In order. What the model said is not in it. */
  readonly turns: readonly Turn[];
  readonly tools: readonly DeclaredTool[];
  /** Whether the agent takes nothing but a call of one of them. */
  readonly mustCall: boolean;
  /** Where the agent wants JSON and no prose. */
  readonly answerSchema: JsonSchema | null;
}
