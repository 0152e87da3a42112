/** Ctrl-C while a task runs: a question in a terminal, and elsewhere a way out that leaves the task alone. */
import { createInterface } from "node:readline";

import type { Terminal } from "../terminal/terminal.ts";

export type Choice = "leave" | "cancel" | "go_on";

export interface Interrupts {
  stop(): void;
}

/**
 * Calls `onChoice` for each interruption. Only Ctrl-C in a terminal comes from somebody who can be asked: otherwise the
 * task is left running.
 * @param asks whether a person can be asked.
 */
export function watchInterrupts(terminal: Terminal, asks: boolean, onChoice: (choice: Choice) => void): Interrupts {
  let question: AbortController | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!asks || signal !== "SIGINT") return onChoice("leave");
    // Ctrl-C at the question itself: the person wants out.
    if (question !== null) return question.abort();
    question = new AbortController();
    void ask(terminal, question.signal).then((choice) => {
      question = null;
      onChoice(choice);
    });
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stop: () => {
      for (const signal of signals) process.removeListener(signal, onSignal);
      question?.abort();
    },
  };
}

/** Whether somebody sits at the keyboard and sees the question. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Withdrawn by the signal, the question counts as answered by "leave". What was kept back is shown by then. */
async function ask(terminal: Terminal, signal: AbortSignal): Promise<Choice> {
  terminal.hold();
  const lines = createInterface({ input: process.stdin, terminal: false });
  signal.addEventListener("abort", () => {
    lines.close();
    process.stderr.write("\n");
    terminal.release();
  });
  try {
    for (;;) {
      process.stderr.write("\nThe task goes on. [l]eave it running, [c]ancel it, or [g]o on watching? ");
      const answer = await new Promise<string | null>((resolve) => {
        lines.once("line", resolve);
        lines.once("close", () => resolve(null));
      });
      const choice = readChoice(answer);
      if (choice !== null) return choice;
    }
  } finally {
    lines.close();
    process.stdin.pause();
    terminal.release();
  }
}

/** @param answer null at the end of the input. @returns null for an answer that is none. */
export function readChoice(answer: string | null): Choice | null {
  if (answer === null) return "leave";
  const word = answer.trim().toLowerCase();
  if (word === "") return null;
  if ("leave".startsWith(word)) return "leave";
  if ("cancel".startsWith(word)) return "cancel";
  return "go on".startsWith(word) || word === "g" ? "go_on" : null;
}
