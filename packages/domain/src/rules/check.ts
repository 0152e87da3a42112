/**
 * A check holds the ten rules against a record. Its report says of each rule what breaks it, which clauses were checked,
 * and which were not, with what the record lacked for them.
 */
import { deadlines } from "./deadlines.ts";
import { durableFacts } from "./durable-facts.ts";
import { endedIsNotDone } from "./ended-is-not-done.ts";
import { finalSteps } from "./final-steps.ts";
import { intentBeforeEffect } from "./intent-before-effect.ts";
import { noInventedPrecision } from "./no-invented-precision.ts";
import { nothingLeftRunning } from "./nothing-left-running.ts";
import { nothingLost } from "./nothing-lost.ts";
import { projection } from "./projection.ts";
import { type Breach, type Clause, type Rule, ruleNames, type RuleNumber } from "./rule.ts";
import type { SystemRecord } from "./system-record.ts";
import type { TaskRecord } from "./task-record.ts";
import { threeClocks } from "./three-clocks.ts";

export const rules: readonly Rule[] = [
  threeClocks,
  deadlines,
  durableFacts,
  intentBeforeEffect,
  projection,
  finalSteps,
  endedIsNotDone,
  nothingLost,
  nothingLeftRunning,
  noInventedPrecision,
];

export interface ClauseBreach extends Breach {
  readonly clause: string;
}

export interface RuleReport {
  readonly rule: RuleNumber;
  readonly name: string;
  readonly breaches: readonly ClauseBreach[];
  /** The clauses that were held against the record. */
  readonly checked: readonly string[];
  readonly notChecked: readonly { readonly clause: string; readonly lacks: string }[];
}

/** @returns a report of each rule, in their order. Pure: the same record gives the same reports. */
export function checkTask(record: TaskRecord): readonly RuleReport[] {
  return rules.map(({ number, ofTask }) => report(number, ofTask, record));
}

/** @returns a report of each rule, in their order. Pure: the same record gives the same reports. */
export function checkSystem(record: SystemRecord): readonly RuleReport[] {
  return rules.map(({ number, ofSystem }) => report(number, ofSystem, record));
}

/** @returns one report a rule: a clause was checked if it was in one of them, and not checked if it was in none. */
export function together(...all: readonly (readonly RuleReport[])[]): readonly RuleReport[] {
  const reports = all.flat();
  return rules.map(({ number }) => {
    const own = reports.filter(({ rule }) => rule === number);
    const checked = [...new Set(own.flatMap((one) => one.checked))];
    const lacks = new Map(own.flatMap(({ notChecked }) => notChecked.map((one) => [one.clause, one])));
    const notChecked = [...lacks.values()].filter(({ clause }) => !checked.includes(clause));
    return { rule: number, name: ruleNames[number], breaches: own.flatMap((one) => one.breaches), checked, notChecked };
  });
}

/** @returns a line for each breach, such as `rule 9, nothing is left running: pid 4711: it runs for …`. */
export function breachLines(reports: readonly RuleReport[]): readonly string[] {
  return reports.flatMap(({ rule, name, breaches }) =>
    breaches.map(({ about, what }) => `rule ${rule}, ${name}: ${about}: ${what}`),
  );
}

function report<Looked>(rule: RuleNumber, clauses: readonly Clause<Looked>[], looked: Looked): RuleReport {
  const breaches: ClauseBreach[] = [];
  const checked: string[] = [];
  const notChecked: { clause: string; lacks: string }[] = [];
  for (const { says, check } of clauses) {
    const found = check(looked);
    if ("notObserved" in found) notChecked.push({ clause: says, lacks: found.notObserved });
    else {
      checked.push(says);
      breaches.push(...found.map((breach) => ({ clause: says, ...breach })));
    }
  }
  return { rule, name: ruleNames[rule], breaches, checked, notChecked };
}
