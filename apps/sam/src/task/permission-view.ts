/** What an agent asks, in words: what it wants to do, which answers it takes, and who gave one. */
import type { TaskView } from "@sam/protocol/task-api";

import { cut } from "../terminal/cells.ts";
import { plainLine, plainText } from "../terminal/plain-text.ts";

export type Permission = NonNullable<TaskView["permission"]>;
export type Question = Pick<Permission, "title" | "detail" | "toolKind">;
type Option = Permission["options"][number];

const titleWidth = 60;
const optionWidth = 64;
const kindWidth = 16;

/** Such as `Write a.txt (edit)`. A long one is cut where the detail says it all. */
export function questionTitle(question: Question): string {
  const title = plainLine(question.title);
  return `${detailOf(question) === null ? title : cut(title, titleWidth)} (${question.toolKind})`;
}

/** What exactly the agent would do, line by line; null where the title says it already. */
export function detailOf({ title, detail }: Question): readonly string[] | null {
  if (detail === null || plainLine(detail) === "" || plainText(detail).trim() === plainText(title).trim()) return null;
  return plainText(detail).trimEnd().split("\n");
}

/** The whole question, for a look at it; what the agent would do stands behind a gutter. */
export function questionLines(permission: Permission): readonly string[] {
  return [
    questionTitle(permission),
    ...(detailOf(permission) ?? []).map((line) => `  │ ${line}`.trimEnd()),
    ...optionLines(permission.options).map((line) => `  ${line}`),
  ];
}

/** @returns a line where more questions wait behind the one that is shown. */
export function furtherLines(count: number): readonly string[] {
  return count === 0 ? [] : [`  ${count} more ${count === 1 ? "waits" : "wait"} behind it.`];
}

/** Numbered, as `sam answer` takes them; each on one line, so that no name can pass for another option. */
export function optionLines(options: readonly Pick<Option, "name" | "kind">[]): readonly string[] {
  return options.map(({ name, kind }, index) => `${index + 1}  ${optionName({ name, kind })}`);
}

/** A kind comes from the agent, as a name does. */
function optionName({ name, kind }: Pick<Option, "name" | "kind">): string {
  return `${cut(plainLine(name), optionWidth)} (${cut(plainLine(kind), kindWidth)})`;
}

/** How an answer is called: by its option's name and kind. */
export function answerName(options: readonly Option[], optionId: string | null): string {
  if (optionId === null) return "none of the options";
  const option = options.find((one) => one.optionId === optionId);
  return option === undefined ? plainLine(optionId) : optionName(option);
}

/**
 * An option is named by its number, by yes (allow once) or no, by its kind or by its id; `none` is none of them. What the
 * agent chose, the ids, comes last: none of them can take the place of what a person means.
 * @returns undefined for another name.
 */
export function namedOption(options: readonly Option[], text: string): string | null | undefined {
  const word = text.toLowerCase();
  if (word === "none") return null;
  if (/^\d{1,3}$/.test(word) && Number(word) >= 1 && Number(word) <= options.length) {
    return options[Number(word) - 1]?.optionId;
  }
  if (word === "y" || word === "yes") return onlyOfKind(options, "allow_once");
  if (word === "n" || word === "no") return onlyOfKind(options, "reject_once") ?? null;
  return onlyOfKind(options, text) ?? options.find(({ optionId }) => optionId === text)?.optionId;
}

/** @returns the option of this kind, where there is exactly one. */
export function onlyOfKind(options: readonly Option[], kind: string): string | undefined {
  const [only, ...others] = options.filter((option) => option.kind === kind);
  return others.length === 0 ? only?.optionId : undefined;
}
