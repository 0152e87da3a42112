/** An answer is one response of the model: what it says, what it wants done, and where it pauses or breaks off. */

/** Something that happens in place of words. */
export type Pause =
  | { readonly kind: "wait"; readonly delayMs: number }
  | { readonly kind: "hang" }
  | { readonly kind: "fail"; readonly status: number };

export interface ToolCall {
  readonly name: string;
  /** An object for a tool with parameters, a text for one without. */
  readonly input: Readonly<Record<string, unknown>> | string;
}

export type Part =
  | Pause
  | { readonly kind: "text"; readonly chunks: readonly string[]; readonly chunkDelayMs: number }
  | { readonly kind: "thought"; readonly text: string }
  | { readonly kind: "call"; readonly call: ToolCall };

/** In tokens. Each dialect says it in its own way: some count the cached ones among the input, some beside it. */
export interface Usage {
  /** With the cached ones. */
  readonly input: number;
  readonly cached: number;
  /** With the thoughts. */
  readonly output: number;
  readonly thoughts: number;
}

export interface Answer {
  /** Before the first byte. */
  readonly pauses: readonly Pause[];
  readonly parts: readonly Part[];
  readonly usage: Usage;
}

export function isPause(part: Part): part is Pause {
  return part.kind === "wait" || part.kind === "hang" || part.kind === "fail";
}

/** @returns what is said in all, for an answer in one piece. */
export function textOf({ parts }: Answer): string {
  return parts.flatMap((part) => (part.kind === "text" ? part.chunks : [])).join("");
}

/** @returns what is thought in all. */
export function thoughtOf({ parts }: Answer): string {
  return parts.flatMap((part) => (part.kind === "thought" ? [part.text] : [])).join("");
}

export function callsOf({ parts }: Answer): readonly ToolCall[] {
  return parts.flatMap((part) => (part.kind === "call" ? [part.call] : []));
}
