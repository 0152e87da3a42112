/** What an agent asks, in words: what it wants to do, which answers it takes, and who gave one. */
import type { TaskView } from "@sam/protocol/task-api";

import { cut } from "../terminal/cells.ts";
import { plainLine, plainText } from "../terminal/plain-text.ts";

export type Permission = NonNullable<TaskView["permission"]>;
export type Question = Pick<Permission, "title" | "toolKind">;
type Option = Permission["options"][number];

const optionWidth = 64;
const kindWidth = 16;

/** Such as `Write a.txt (edit)`. */
export function questionTitle({ title, toolKind }: Question): string {
  return `${plainLine(title)} (${toolKind})`;
}

/** The whole question, for a look at it; what the agent would do stands behind a gutter. */
export function questionLines(permission: Permission): readonly string[] {
  const { detail, options } = permission;
  const detailLines = detail === null ? [] : plainText(detail).trimEnd().split("\n");
  return [
    questionTitle(permission),
    ...detailLines.map((line) => `  │ ${line}`.trimEnd()),
    ...optionLines(options).map((line) => `  ${line}`),
  ];
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

/** @param by as the conversation has it: a user, `policy:<policy>`, `agent` or `sam`. */
export function answeredBy(by: string): string {
  if (by.startsWith("policy:")) return `by the policy ${plainLine(by.slice("policy:".length))}`;
  if (by === "agent") return "by the agent, which took it back";
  if (by === "sam") return "by SAM, since nobody could answer any more";
  // A task is shown to its owner alone.
  return "by you";
}

/**
 * An option is named by its number, its id or its kind; `none` is none of them. The number goes first: it is what a person
 * sees, and the ids are the agent's. @returns undefined for another name.
 */
export function namedOption(options: readonly Option[], text: string): string | null | undefined {
  if (text === "none") return null;
  const byNumber = /^\d{1,3}$/.test(text) ? options[Number(text) - 1] : undefined;
  const byId = options.find(({ optionId }) => optionId === text);
  const ofKind = options.filter(({ kind }) => kind === text);
  return (byNumber ?? byId ?? (ofKind.length === 1 ? ofKind[0] : undefined))?.optionId;
}
