/** A question on the screen that a person answers on the keyboard. One stands at a time; what is printed meanwhile waits. */
import { createInterface, type Interface } from "node:readline";

import type { Terminal } from "./terminal.ts";

/** Lines that come so close upon each other were pasted, and are one text. */
const pasteGapMs = 40;

export interface QuestionOnScreen<Answer> {
  /** Stands in front of the cursor. */
  readonly prompt: string;
  /** Withdraws it. */
  readonly signal: AbortSignal;
  /** @param text null at the end of the input. @returns undefined to ask again. */
  read(text: string | null): Answer | undefined;
}

/** Whether somebody sits at the keyboard and sees the question. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** @returns the answer, or null where the question was withdrawn. What was kept back is shown by then. */
export async function ask<Answer>(terminal: Terminal, question: QuestionOnScreen<Answer>): Promise<Answer | null> {
  const { signal, prompt } = question;
  if (signal.aborted) return null;
  terminal.hold();
  const lines = createInterface({ input: process.stdin, terminal: false });
  const withdraw = () => {
    lines.close();
    process.stderr.write("\n");
    terminal.release();
  };
  signal.addEventListener("abort", withdraw);
  try {
    for (;;) {
      process.stderr.write(prompt);
      const text = await nextText(lines);
      if (signal.aborted) return null;
      const answer = question.read(text);
      if (answer !== undefined) return answer;
    }
  } finally {
    signal.removeEventListener("abort", withdraw);
    // Withdrawn it is closed already, and the keyboard may be another question's by now.
    if (!signal.aborted) {
      lines.close();
      process.stdin.pause();
      terminal.release();
    }
  }
}

/** @returns what was typed or pasted up to its last line end; null at the end of the input. */
function nextText(lines: Interface): Promise<string | null> {
  return new Promise((resolve) => {
    const typed: string[] = [];
    let gap: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(gap);
      lines.removeListener("line", onLine);
      lines.removeListener("close", settle);
      resolve(typed.length === 0 ? null : typed.join("\n"));
    };
    const onLine = (line: string) => {
      typed.push(line);
      clearTimeout(gap);
      gap = setTimeout(settle, pasteGapMs);
    };
    lines.on("line", onLine);
    lines.once("close", settle);
  });
}
