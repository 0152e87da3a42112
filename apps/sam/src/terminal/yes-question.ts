/** A question about something that cannot be undone: it names what is lost, and only a person's yes answers it. */
import { UsageError } from "../exit-code.ts";
import { ask, canAsk } from "./question.ts";
import type { Terminal } from "./terminal.ts";

export interface YesQuestion {
  /** What is lost, in sentences. */
  readonly losses: readonly string[];
  /** Such as "Delete it?". */
  readonly question: string;
  /** What is true where nobody says yes, such as "Nothing was deleted.". */
  readonly otherwise: string;
}

/** @throws UsageError where nobody can be asked: then `--yes` says so. */
export async function isMeant(
  { json, terminal }: { readonly json: boolean; readonly terminal: Terminal },
  { losses, question, otherwise }: YesQuestion,
): Promise<boolean> {
  if (json || !canAsk()) {
    throw new UsageError(
      `${losses.join(" ")} There is nobody to ask here. To do it without a question: --yes. ${otherwise}`,
    );
  }
  for (const loss of losses) terminal.line(`${terminal.paint("amber", "▲")} ${loss}`);
  const { signal } = new AbortController();
  return (await ask(terminal, { prompt: `${question} [y]es or [n]o: `, signal, read: readYes })) ?? false;
}

/** @param text null at the end of the input. @returns undefined for an answer that is none. */
export function readYes(text: string | null): boolean | undefined {
  const word = text?.trim().toLowerCase() ?? "no";
  if (word === "") return undefined;
  if ("yes".startsWith(word)) return true;
  return "no".startsWith(word) ? false : undefined;
}
