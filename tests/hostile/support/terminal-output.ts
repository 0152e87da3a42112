/** What `sam` prints of a hostile task, as a terminal would get it. */
import { stripVTControlCharacters } from "node:util";

import { expect } from "vitest";

import { type Finisher, sam, samInTerminal } from "../../system/support/sam-command.ts";
import type { System } from "../../system/support/system.ts";

/** Colours, and the erasing of the status line, are SAM's own. */
const ownSequences = /\u001b\[(?:[0-9;]*m|2K)/g;
const unseen =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|[\u2028-\u202e\u2066-\u2069\u200b-\u200f\u{e0000}-\u{e007f}\ufeff]/u;

export interface Printed {
  /** Through a pipe. */
  readonly piped: string;
  /** In a terminal. */
  readonly drawn: string;
}

export async function watchInTerminal(test: Finisher, { dataDirectory }: System, taskId: string): Promise<Printed> {
  const words = ["task", taskId, "--watch"];
  const [piped, drawn] = await Promise.all([
    sam(test, words, { dataDirectory }),
    samInTerminal(test, words, { dataDirectory }).end(),
  ]);
  return { piped: piped.stdout + piped.stderr, drawn: drawn.stdout };
}

/** Nothing that a terminal acts on, and nothing that a reader does not see. */
export function expectNoControls(text: string): void {
  expect(text).not.toMatch(unseen);
  expect(text).not.toContain("\r");
}

export function expectPlainTerminal({ piped, drawn }: Printed): void {
  expectNoControls(piped);
  const others = drawn.replaceAll(ownSequences, "");
  expect(others).not.toMatch(unseen);
  for (const text of [piped, stripVTControlCharacters(others).replaceAll(/\r\n?/g, "\n")]) expectOwnLines(text);
}

/** SAM breaks a long line of its own, and goes on below it. */
const continued = /\n {11}/g;

function expectOwnLines(text: string): void {
  for (const line of text.replaceAll(continued, " ").split("\n")) expectOwnLine(line);
}

/** A forged word stands behind the gutter, between quotation marks, or in a line that says that the agent asks. */
function expectOwnLine(line: string): void {
  const asked = /^\d\d:\d\d:\d\d \? Asks for permission: /.test(line);
  if (!line.includes("FORGED") || /^ {2}[│├] /.test(line) || asked) return;
  expect(line.replaceAll(/“[^“”]*”/g, "“”")).not.toContain("FORGED");
}
