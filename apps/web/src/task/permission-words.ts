/** What belongs to a question of an agent, in words: which answers it takes, and who gave one. */
import { plainLine } from "@sam/domain/plain-text";
import type { TaskView } from "@sam/protocol/task-api";

export type Permission = NonNullable<TaskView["permission"]>;
export type Option = Permission["options"][number];

const answerWords: Readonly<Record<string, string>> = {
  allow_once: "Allow once",
  allow_always: "Allow always",
  reject_once: "Refuse",
  reject_always: "Refuse always",
};

/** Words that say no more than the kind does. */
const usualWords = /\b(?:allow|accept|approve|always|once|yes|no|reject|refuse|deny)\b/gi;

/** What the option does is said by its kind; the agent's own name for it stands beside it where it says more. */
export function optionWords({ kind, name }: Option): { readonly word: string; readonly name: string | null } {
  const word = answerWords[kind] ?? plainLine(kind);
  const own = plainLine(name);
  const saysMore = own.replaceAll("_", " ").replaceAll(usualWords, "").trim() !== "";
  return { word, name: saysMore ? own : null };
}

export function refuses({ kind }: Option): boolean {
  return kind.startsWith("reject");
}

/** Whether the title says it all. A title is one line, so a detail of several says more, though its letters are the same. */
export function saysNothingMore({ title, detail }: Pick<Permission, "title" | "detail">): boolean {
  return detail === null || detail.trim() === "" || detail.trim() === title.trim();
}

/** @returns the options with the mildest first: once before always, allowing before refusing. */
export function orderedOptions(options: readonly Option[]): readonly Option[] {
  const order = Object.keys(answerWords);
  const rank = ({ kind }: Option) => (order.includes(kind) ? order.indexOf(kind) : order.length);
  return options.toSorted((one, other) => rank(one) - rank(other));
}

/** Such as "Allow once" for an answer that was given. */
export function answerWord(options: readonly Option[], optionId: string | null): string {
  const option = options.find((one) => one.optionId === optionId);
  if (option !== undefined) return optionWords(option).word;
  return optionId === null ? "none of the answers" : plainLine(optionId);
}
