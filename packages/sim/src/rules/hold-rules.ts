/** Holds the ten rules against a world that has come to rest, or that has not in all that time. */
import { isFinalNodeState } from "@sam/domain/node-lifecycle";
import { checkSystem, checkTask, type RuleReport } from "@sam/domain/rules/check";
import { ruleNames, type RuleNumber } from "@sam/domain/rules/rule";
import { isFinal } from "@sam/domain/task-lifecycle";
import type { Message } from "@sam/protocol/message";

import type { World } from "../world.ts";
import { ofSavedWork } from "./of-saved-work.ts";
import { systemRecordOf, taskRecordOf } from "./world-record.ts";

export interface WorldBreach {
  readonly rule: RuleNumber;
  readonly name: string;
  readonly about: string;
  readonly what: string;
}

/** @param isAtRest whether everything came to its end in time. */
export function holdRules(world: World, isAtRest: boolean): WorldBreach[] {
  const tasks = [...world.control.tasks.objects.values()].filter(({ disk }) => disk.lifecycle.facts !== null);
  const reports = [...tasks.map((task) => checkTask(taskRecordOf(world, task))), checkSystem(systemRecordOf(world))];
  return [
    ...world.book.breaches.map(({ rule, about, what }) => named(ruleOf(rule), about, what)),
    ...reports.flat().flatMap(ofReport),
    ...(isAtRest ? [] : restless(world)),
    ...tasks.flatMap(({ id, disk }) => ofUpdates(world, id, disk.messages)),
    ...(isAtRest ? tasks.flatMap(({ id, disk }) => ofQuestions(id, disk.messages)) : []),
    ...ofWork(world),
    ...ofSavedWork(world).map(({ about, what }) => named(8, about, what)),
  ];
}

function named(rule: RuleNumber, about: string, what: string): WorldBreach {
  return { rule, name: ruleNames[rule], about, what };
}

function ruleOf(number: number): RuleNumber {
  const rule = ([1, 2, 3, 4, 5, 6, 7, 8, 9, 10] as const).find((one) => one === number);
  if (rule === undefined) throw new RangeError(`there is no rule ${number}`);
  return rule;
}

function ofReport({ rule, breaches }: RuleReport): WorldBreach[] {
  return breaches.map(({ about, what }) => named(rule, about, what));
}

/** Rule 2: every state that is not final has a deadline, so hours after the last fault nothing is under way. */
function restless({ control }: World): WorldBreach[] {
  return [
    ...[...control.tasks.objects.values()].flatMap(({ id, disk, alarmAt }) => {
      const { facts, open } = disk.lifecycle;
      if (facts === null || (isFinal(facts.step) && open.length === 0)) return [];
      const owes = open.map(({ intent }) => intent.kind).join(", ") || "nothing";
      return [named(2, id, `hours after the last fault it is ${facts.step}, owes ${owes}, looks again at ${alarmAt}`)];
    }),
    ...[...control.nodes.objects.values()].flatMap(({ id, disk, alarmAt }) => {
      const { facts, open } = disk.lifecycle;
      if (facts === null || (isFinalNodeState(facts.state) && open.length === 0)) return [];
      const { state, claims } = facts;
      return [
        named(2, id, `hours after the last fault it is ${state}, claimed by ${claims.length}, looks at ${alarmAt}`),
      ];
    }),
  ];
}

/** Rule 8: what the VM agent stored is shown once and in order; what went with a machine is missing at the end only. */
function ofUpdates(world: World, taskId: string, messages: readonly { readonly body: object }[]): WorldBreach[] {
  const shown = messages.flatMap(({ body }) => updateText(body));
  const stored = world.book.page(taskId).updates;
  const index = shown.findIndex((text, position) => text !== stored[position]);
  if (index === -1) return [];
  return [
    named(8, taskId, `update ${index + 1} is ${String(shown[index])}, and its agent said ${String(stored[index])}`),
  ];
}

/** Rule 8: each question of an agent is settled, and settled once, whoever answers it, and wherever the task is by then. */
function ofQuestions(taskId: string, messages: readonly Message[]): WorldBreach[] {
  const settled = messages.flatMap(({ body }) => (body.kind === "permission_settled" ? [body.requestId] : []));
  return messages.flatMap(({ body }) => {
    if (body.kind !== "permission") return [];
    const { requestId } = body;
    const times = settled.filter((one) => one === requestId).length;
    return times === 1 ? [] : [named(8, taskId, `its question ${requestId} was settled ${times} times`)];
  });
}

function updateText(body: object): string[] {
  if (!("kind" in body) || body.kind !== "agent_update" || !("update" in body)) return [];
  const text = /"text":"([^"]*)"/.exec(JSON.stringify(body.update))?.[1];
  return text === undefined ? [] : [text];
}

/** Rule 8: every piece of work is at the remote, saved, given up by its user, or went with a machine that failed. */
function ofWork({ book, remote, machines }: World): WorldBreach[] {
  const standing = new Set([...machines.values()].flatMap((machine) => machine.pieces()));
  return book.pieces.flatMap(({ id, taskId }) => {
    const isExcused = book.lostWithMachine.has(id) || book.discarded.has(id);
    return isExcused || remote.holds(id) || standing.has(id)
      ? []
      : [named(8, taskId, `${id} was made, and is nowhere any more`)];
  });
}
