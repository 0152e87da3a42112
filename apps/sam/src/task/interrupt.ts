/** Ctrl-C while a task runs: a question in a terminal, and elsewhere a way out that leaves the task alone. */
import { ask } from "../terminal/question.ts";
import type { Terminal } from "../terminal/terminal.ts";

export type Choice = "leave" | "cancel" | "go_on";

export interface Interrupts {
  stop(): void;
}

export interface InterruptHandlers {
  /** The question is about to be asked. */
  onQuestion(): void;
  onChoice(choice: Choice): void;
}

/**
 * Calls `onChoice` for each interruption. Only Ctrl-C in a terminal comes from somebody who can be asked: otherwise the
 * task is left running.
 * @param asks whether a person can be asked.
 */
export function watchInterrupts(terminal: Terminal, asks: boolean, handlers: InterruptHandlers): Interrupts {
  let question: AbortController | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!asks || signal !== "SIGINT") return handlers.onChoice("leave");
    // Ctrl-C at the question itself: the person wants out.
    if (question !== null) return question.abort();
    question = new AbortController();
    handlers.onQuestion();
    void askChoice(terminal, question.signal).then((choice) => {
      question = null;
      handlers.onChoice(choice);
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

/** Withdrawn by the signal, the question counts as answered by "leave". */
async function askChoice(terminal: Terminal, signal: AbortSignal): Promise<Choice> {
  const prompt = "\nThe task goes on. [l]eave it running, [c]ancel it, or [g]o on watching? ";
  return (await ask(terminal, { prompt, signal, read: readChoice })) ?? "leave";
}

/** @param answer null at the end of the input. @returns undefined for an answer that is none. */
export function readChoice(answer: string | null): Choice | undefined {
  if (answer === null) return "leave";
  const word = answer.trim().toLowerCase();
  if (word === "") return undefined;
  if ("leave".startsWith(word)) return "leave";
  if ("cancel".startsWith(word)) return "cancel";
  return "go on".startsWith(word) || word === "g" ? "go_on" : undefined;
}
