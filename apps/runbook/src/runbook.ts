/**
 * A runbook is a prompt cut into what is read (prose) and what is run (its blocks: closed fences marked `sh`, `shell` or
 * `bash`), in the order of the text. It is run as a whole or not at all: a prompt with a flaw is refused before its first
 * block starts.
 */
import * as z from "zod";

import { findFences, type Fence, type Lookalike } from "./markdown-fences.ts";

/** Linux takes at most 128 KiB in one argument, and a block is handed to its shell as one. */
export const MAX_BLOCK_BYTES = 120 * 1024;
export const MAX_BLOCKS = 256;
export const MAX_PROMPT_BYTES = 1024 * 1024;
const MAX_TITLE_CHARACTERS = 120;

export const blockSchema = z.object({
  kind: z.literal("block"),
  /** Its place among the blocks; the first is 0. */
  index: z.int().nonnegative(),
  language: z.enum(["sh", "bash"]),
  script: z.string(),
  /** The line of the prompt on which its fence opens; the first is 1. */
  line: z.int().positive(),
});
export const segmentSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("prose"), text: z.string() }),
  blockSchema,
]);

export type Block = z.infer<typeof blockSchema>;
export type Segment = z.infer<typeof segmentSchema>;

/** Why a prompt is refused; `index` is the block that the flaw is in. */
export interface Flaw {
  readonly reason: "unclosed_fence" | "nul_byte" | "too_large";
  readonly index: number;
  readonly line: number;
  readonly text: string;
}

export interface Runbook {
  readonly segments: readonly Segment[];
  readonly blocks: readonly Block[];
  /** Lines that read like a block and are none: commented out, or indented too far. */
  readonly lookalikes: readonly Lookalike[];
  readonly flaw: Flaw | undefined;
}

const LANGUAGES: Readonly<Record<string, Block["language"]>> = { sh: "sh", shell: "sh", bash: "bash" };

/** Cuts `prompt` into prose and blocks. Never throws: what is wrong with the prompt is its `flaw`. */
export function parseRunbook(prompt: string): Runbook {
  const nul = prompt.indexOf("\0");
  const lines = prompt.split(/\r\n|\n|\r/);
  if (Buffer.byteLength(prompt) > MAX_PROMPT_BYTES) {
    const text = `The prompt is larger than ${MAX_PROMPT_BYTES / 1024} KiB.`;
    return refused({ reason: "too_large", index: 0, line: 1, text });
  }
  const { fences, lookalikes } = findFences(lines);
  const segments = segmentsOf(lines, fences);
  const blocks = segments.filter((segment) => segment.kind === "block");
  const flaw =
    (nul === -1 ? undefined : nulFlaw(prompt.slice(0, nul), blocks)) ?? unclosedFlaw(fences) ?? sizeFlaw(blocks);
  return {
    segments,
    blocks,
    lookalikes: lookalikes.filter((lookalike) => languageOf(lookalike) !== undefined),
    flaw,
  };
}

/** The first line of the block that says something, cut to the length of a heading. */
export function titleOf(block: Block): string {
  const lines = block.script.split("\n").map((line) => line.trim());
  const title = lines.find((line) => line !== "" && !line.startsWith("#")) ?? lines.find((line) => line !== "");
  if (title === undefined) {
    return "(empty block)";
  }
  const characters = [...title];
  return characters.length > MAX_TITLE_CHARACTERS ? `${characters.slice(0, MAX_TITLE_CHARACTERS).join("")}…` : title;
}

function refused(flaw: Flaw): Runbook {
  return { segments: [], blocks: [], lookalikes: [], flaw };
}

function languageOf({ language }: { readonly language: string }): Block["language"] | undefined {
  const name = language.toLowerCase();
  return Object.hasOwn(LANGUAGES, name) ? LANGUAGES[name] : undefined;
}

function segmentsOf(lines: readonly string[], fences: readonly Fence[]): Segment[] {
  const segments: Segment[] = [];
  let proseFrom = 0;
  let index = 0;
  const addProse = (until: number): void => {
    const text = lines.slice(proseFrom, until).join("\n").trim();
    if (text !== "") {
      segments.push({ kind: "prose", text });
    }
  };
  for (const fence of fences) {
    const language = languageOf(fence);
    if (language === undefined) {
      continue;
    }
    addProse(fence.firstLine - 1);
    segments.push({ kind: "block", index, language, script: fence.lines.join("\n"), line: fence.firstLine });
    proseFrom = fence.lastLine;
    index += 1;
  }
  addProse(lines.length);
  return segments;
}

function nulFlaw(before: string, blocks: readonly Block[]): Flaw {
  const line = before.split(/\r\n|\n|\r/).length;
  const index = blocks.findLast((block) => block.line <= line)?.index ?? 0;
  return { reason: "nul_byte", index, line, text: `Line ${line} has a NUL byte, which a shell cannot take.` };
}

function unclosedFlaw(fences: readonly Fence[]): Flaw | undefined {
  const fence = fences.find((candidate) => !candidate.isClosed);
  if (fence === undefined) {
    return undefined;
  }
  const line = fence.firstLine;
  const index = fences.filter((other) => other.firstLine < line && languageOf(other) !== undefined).length;
  const text = `The fence that opens on line ${line} is not closed, so it is not clear where its block ends.`;
  return { reason: "unclosed_fence", index, line, text };
}

function sizeFlaw(blocks: readonly Block[]): Flaw | undefined {
  const extra = blocks[MAX_BLOCKS];
  if (extra !== undefined) {
    const text = `There are ${blocks.length} blocks; a prompt can have ${MAX_BLOCKS}.`;
    return { reason: "too_large", index: extra.index, line: extra.line, text };
  }
  const large = blocks.find((block) => Buffer.byteLength(block.script) > MAX_BLOCK_BYTES);
  if (large === undefined) {
    return undefined;
  }
  const kibibytes = Math.ceil(Buffer.byteLength(large.script) / 1024);
  const text =
    `The block on line ${large.line} is ${kibibytes} KiB; a block can be ${MAX_BLOCK_BYTES / 1024} KiB. ` +
    "Put it into a file of the repository and run that.";
  return { reason: "too_large", index: large.index, line: large.line, text };
}
