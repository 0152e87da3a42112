/**
 * An id is a prefix that names the noun, an underscore and a ULID. The brand keeps a node's id from being passed
 * where a task's is meant; the prefix keeps a person from pasting one where the other belongs.
 */
declare const brand: unique symbol;

export type Id<Prefix extends string> = `${Prefix}_${string}` & { readonly [brand]: Prefix };

export type TaskId = Id<"task">;
export type NodeId = Id<"node">;
export type ProjectId = Id<"proj">;
export type WorkspaceId = Id<"ws">;
export type UserId = Id<"user">;

/** Crockford base 32, as ULIDs are written: 26 characters, the first at most 7. */
const ulidPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

/** @returns whether `text` is an id of the given noun, such as `task_01J…`. */
export function isId<Prefix extends string>(prefix: Prefix, text: string): text is Id<Prefix> {
  return text.startsWith(`${prefix}_`) && ulidPattern.test(text.slice(prefix.length + 1));
}

/** Makes an id from a ULID that the caller drew (the domain has no randomness). Throws a RangeError for another text. */
export function makeId<Prefix extends string>(prefix: Prefix, ulid: string): Id<Prefix> {
  const text = `${prefix}_${ulid}`;
  if (!isId(prefix, text)) throw new RangeError(`not a ULID: ${JSON.stringify(ulid)}`);
  return text;
}

/** The workspace of a task carries the same ULID: one task, one workspace. */
export function workspaceIdOf(taskId: TaskId): WorkspaceId {
  return makeId("ws", taskId.slice("task_".length));
}
