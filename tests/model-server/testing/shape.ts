/** A shape is what a dialect looks like to a client: the request it makes, and what it reads out of the answer. */

export interface Heard {
  /** The pieces in which the text came. */
  readonly pieces: readonly string[];
  readonly thought: string;
  readonly calls: readonly { readonly name: string; readonly input: unknown }[];
  readonly usage: unknown;
  readonly end: string | null;
}

export interface Question {
  readonly prompt: string;
  /** How many results of tools follow the prompt. */
  readonly results: number;
  readonly isStreamed: boolean;
}

export interface Shape {
  readonly path: (question: Question) => string;
  readonly body: (question: Question) => object;
  readonly hear: (events: readonly unknown[]) => Heard;
  readonly hearWhole: (body: unknown) => Heard;
}

/** What the one tool takes that every question declares. */
export const parameters = { type: "object", properties: { command: { type: "string" } }, required: ["command"] };

export function repeat(count: number, item: object): readonly object[] {
  return Array.from({ length: count }, () => item);
}
