/**
 * A rule is one of the ten that no part of SAM may break (docs/design.md, "The rules, and what holds them"). It is made of
 * clauses. A clause looks at a record, either of one task or of the whole system, and names what breaks it; where the
 * record lacks what it would have to look at, it says so, since what was not checked is not green.
 */
import type { SystemRecord } from "./system-record.ts";
import type { TaskRecord } from "./task-record.ts";

export const ruleNames = {
  1: "three clocks, never one",
  2: "every step has a deadline, an owner, a cancel edge and a consequence",
  3: "what a retry or a cleanup depends on is durable",
  4: "intent before effect, and every effect once",
  5: "the row is a projection of its runner, and only of it",
  6: "a final step is final",
  7: "ended is not done",
  8: "nothing is lost",
  9: "nothing is left running",
  10: "never invent precision",
} as const;

export type RuleNumber = keyof typeof ruleNames;

/** What breaks a clause: whom it is about, and what is wrong, with ids, times and figures. */
export interface Breach {
  /** The id of a task, a node or a server, or `pid 4711`. */
  readonly about: string;
  readonly what: string;
}

export interface NotObserved {
  readonly notObserved: string;
}

export interface Clause<Looked> {
  readonly says: string;
  readonly check: (looked: Looked) => readonly Breach[] | NotObserved;
}

export interface Rule {
  readonly number: RuleNumber;
  readonly ofTask: readonly Clause<TaskRecord>[];
  readonly ofSystem: readonly Clause<SystemRecord>[];
}

/** @param what the record lacks. */
export function notObserved(what: string): NotObserved {
  return { notObserved: what };
}

/** @returns one breach where something is broken, else none. The words are only made where they are needed. */
export function when(isBroken: boolean, about: string, what: () => string): readonly Breach[] {
  return isBroken ? [{ about, what: what() }] : [];
}

/** @returns a moment for people and machines: UTC, with its milliseconds. */
export function moment(at: number): string {
  return new Date(at).toISOString();
}

/** @returns the items that stand more than once, each once. */
export function repeated<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Set(items.filter((item, index) => items.indexOf(item) !== index))];
}
