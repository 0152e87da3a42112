/** A task as a person names it: by its id, or by a unique beginning or end of it. */
import { isId } from "@sam/domain/ids";

import { CommandError, UsageError } from "../exit-code.ts";
import type { ApiClient } from "./api-client.ts";

const shortest = 3;
const shown = 5;

/** @returns the full id. Throws where no task, or more than one, is meant. */
export async function resolveTaskId(api: ApiClient, text: string): Promise<string> {
  if (isId("task", text)) return text;
  const part = partOf("task", text);
  const found: { taskId: string; title: string }[] = [];
  await api.eachTask((row) => {
    if (isPartOf(row.taskId, part)) found.push(row);
    return found.length <= shown;
  });
  return pick(
    text,
    found.map(({ taskId, title }) => ({ id: taskId, title })),
    "task",
  );
}

/** The letters of an id that a person gave, without the prefix. Throws a UsageError where they cannot be of an id. */
export function partOf(noun: string, text: string): string {
  const part = text.replace(new RegExp(`^${noun}_`, "i"), "").toUpperCase();
  if (/^[0-9A-HJKMNP-TV-Z]+$/.test(part) && part.length >= shortest && part.length <= 26) return part;
  throw new UsageError(
    `${JSON.stringify(text)} is not a ${noun}'s id: give it in full (${noun}_…), or at least ${shortest} characters of its beginning or its end.`,
  );
}

export function isPartOf(id: string, part: string): boolean {
  const drawn = id.slice(id.indexOf("_") + 1);
  return drawn.startsWith(part) || drawn.endsWith(part);
}

export function pick(text: string, found: readonly { id: string; title: string }[], noun: string): string {
  const [only, ...others] = found;
  if (only === undefined) throw new CommandError(`There is no ${noun} ${text}. See them with: sam ${noun}s`);
  if (others.length === 0) return only.id;
  const list = found.slice(0, shown).map(({ id, title }) => `\n  ${id}  ${title}`);
  throw new UsageError(`${text} is more than one ${noun}; give more of the id:${list.join("")}`);
}
