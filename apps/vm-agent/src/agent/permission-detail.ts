/** The detail of a permission: what exactly would be done, short enough to be read before it is answered. */
import { visibleText } from "@sam/domain/visible-text";
import { z } from "zod";

import { clipHead } from "../clipped-text.ts";
import type { ToolContent, ToolFacts } from "./tool-memory.ts";

const maxLength = 8_000;
/** Unchanged lines that are shown around a change. */
const contextLines = 2;

const commandSchema = z.union([
  z.object({ command: z.union([z.string(), z.array(z.string())]) }),
  z.object({ cmd: z.union([z.string(), z.array(z.string())]) }),
]);

/** Nothing of it is hidden, whatever it holds. @param hide takes secrets out. @returns null where the agent says nothing. */
export function detailOf(tool: ToolFacts, hide: (text: string) => string): string | null {
  const text = commandOf(tool.rawInput, hide) ?? titledCommand(tool) ?? changesOf(tool) ?? inputOf(tool.rawInput);
  return text === null ? null : clipHead(visibleText(hide(text)), maxLength);
}

/** Quoting changes a word: a secret in it would not be known again. */
function commandOf(rawInput: unknown, hide: (text: string) => string): string | null {
  const parsed = commandSchema.safeParse(rawInput);
  if (!parsed.success) return null;
  const line = "command" in parsed.data ? parsed.data.command : parsed.data.cmd;
  return typeof line === "string" ? line : line.map((word) => shellWord(hide(word))).join(" ");
}

/** Where an agent gives no input, its title is the command, and its texts say where. */
function titledCommand({ kind, title, rawInput, content }: ToolFacts): string | null {
  if (kind !== "execute" || title === null || inputOf(rawInput) !== null) return null;
  return [title, ...content.flatMap(({ path, newText }) => (path === null ? [newText] : []))].join("\n");
}

function changesOf({ content }: ToolFacts): string | null {
  const text = content.map(describe).join("\n");
  return text === "" ? null : text;
}

function inputOf(rawInput: unknown): string | null {
  if (rawInput === null || rawInput === undefined) return null;
  const text = typeof rawInput === "string" ? rawInput : JSON.stringify(rawInput, null, 2);
  return text === "" || text === "{}" || text === "[]" ? null : text;
}

function describe({ path, oldText, newText }: ToolContent): string {
  return path === null ? newText : [path, ...changedLines(lines(oldText), lines(newText))].join("\n");
}

/** What differs between the lines that both begin with and those that both end with: no diff, but what is asked. */
function changedLines(before: readonly string[], after: readonly string[]): string[] {
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const end = after.length - tail;
  return [
    ...after.slice(Math.max(0, head - contextLines), head).map((line) => `  ${line}`),
    ...before.slice(head, before.length - tail).map((line) => `- ${line}`),
    ...after.slice(head, end).map((line) => `+ ${line}`),
    ...after.slice(end, end + contextLines).map((line) => `  ${line}`),
  ];
}

function lines(text: string): string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
