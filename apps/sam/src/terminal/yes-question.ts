/** A question about something that cannot be undone: it names what is lost, and only a person's yes answers it. */
import { UsageError } from "../exit-code.ts";
import { ask, canAsk } from "./question.ts";
import type { Terminal } from "./terminal.ts";

export interface YesQuestion {
  /** What is lost, in sentences. */
  readonly losses: readonly string[];
  /** What stays, in sentences, where one may take it for lost. */
  readonly keeps?: readonly string[];
  /** Such as "Delete it?". */
  readonly question: string;
  /** What is true where nobody says yes, such as "Nothing was deleted.". */
  readonly otherwise: string;
}

/** @throws UsageError where nobody can be asked: then `--yes` says so. */
export async function isMeant(
  { json, terminal }: { readonly json: boolean; readonly terminal: Terminal },
  { losses, keeps = [], question, otherwise }: YesQuestion,
): Promise<boolean> {
  if (json || !canAsk()) {
    throw new UsageError(
      `${[...losses, ...keeps].join(" ")} There is nobody to ask here. To do it without a question: --yes. ${otherwise}`,
    );
  }
  sayWhatComes(terminal, { losses, keeps });
  const { signal } = new AbortController();
  return (await ask(terminal, { prompt: `${question} [y]es or [n]o: `, signal, read: readYes })) ?? false;
}

/** A line each: what is lost, and then what stays. */
export function sayWhatComes(terminal: Terminal, { losses, keeps = [] }: Pick<YesQuestion, "losses" | "keeps">): void {
  for (const loss of losses) terminal.line(`${terminal.paint("amber", "▲")} ${loss}`);
  for (const kept of keeps) terminal.line(`  ${kept}`);
}

/** @param text null at the end of the input. @returns undefined for an answer that is none. */
export function readYes(text: string | null): boolean | undefined {
  const word = text?.trim().toLowerCase() ?? "no";
  if (word === "") return undefined;
  if ("yes".startsWith(word)) return true;
  return "no".startsWith(word) ? false : undefined;
}
