/**
 * What only a run of the real system can bear witness to, in the reports' own form: what the work itself left behind on the
 * nodes' disks, and what the remotes logged.
 */
import type { RuleReport } from "@sam/domain/rules/check";
import { type Breach, ruleNames, type RuleNumber } from "@sam/domain/rules/rule";
import { lastState, type TaskRecord } from "@sam/domain/rules/task-record";

import type { Repository } from "../system/support/repository.ts";
import type { System } from "../system/support/system.ts";
import { retriesOf, triesIn, type Try } from "../system/support/tries.ts";
import { repeatedEnds, testimony } from "../system/support/witness.ts";
import type { Charge } from "./people.ts";
import type { ReadTasks } from "./read-tasks.ts";

export function hearWitnesses(
  system: System,
  charges: readonly Charge[],
  { tasks, conversations }: ReadTasks,
  repositories: readonly Repository[],
): readonly RuleReport[] {
  const tries = new Map([...conversations].map(([taskId, messages]) => [taskId, triesIn(messages)]));
  return [
    report(4, "what the agent's work did, it did as often as its conversation says", didMore(system, charges, tries)),
    report(4, "a block of the agent's work whose end was told is not tried again", triedAgain(tries)),
    report(4, "a branch is pushed once by each task that works on it", pushedAgain(tasks, repositories)),
    report(9, "no work of a task ever finds another one of it at work", notAlone(system, charges)),
  ];
}

function report(rule: RuleNumber, clause: string, breaches: readonly Breach[]): RuleReport {
  const found = breaches.map((breach) => ({ clause, ...breach }));
  return { rule, name: ruleNames[rule], breaches: found, checked: [clause], notChecked: [] };
}

type Tries = ReadonlyMap<string, readonly Try[]>;

/**
 * A block may come to its end again where it was tried again: the agent was killed before it could tell of the end. That a
 * block is not told of at all is no second time: its words went with a VM agent that was killed, and its end stands in
 * the agent's own memory.
 */
function didMore(system: System, charges: readonly Charge[], tries: Tries): readonly Breach[] {
  return charges.flatMap(({ taskId, work: { name } }) => {
    const again = repeatedEnds(system, name);
    const retries = retriesOf(tries.get(taskId) ?? []);
    const what = `${again.length} blocks came to their end again, and ${retries} were tried again: ${again.join(", ")}`;
    return again.length > retries ? [{ about: taskId, what: `of ${name}, ${what}` }] : [];
  });
}

function triedAgain(tries: Tries): readonly Breach[] {
  return [...tries].flatMap(([taskId, all]) =>
    all.flatMap(({ block, number }, index) => {
      const ended = all.slice(0, index).find((one) => one.block === block && one.isCompleted && one.number < number);
      const what = `${block} ended with try ${ended?.number}, and was tried again as ${number}`;
      return ended === undefined ? [] : [{ about: taskId, what }];
    }),
  );
}

function notAlone(system: System, charges: readonly Charge[]): readonly Breach[] {
  return charges.flatMap(({ taskId, work }) => {
    const times = testimony(system, work.name).filter((line) => line === "not alone").length;
    return times === 0 ? [] : [{ about: taskId, what: `${work.name} was not alone ${times} times` }];
  });
}

/** A remote logs every move of a ref. Whoever was cancelled or failed may have pushed before. */
function pushedAgain(tasks: readonly TaskRecord[], repositories: readonly Repository[]): readonly Breach[] {
  const states = tasks.flatMap((task) => lastState(task) ?? []);
  const branches = Map.groupBy(states, ({ repository, branch }) => `${repository.url} ${branch}`);
  return [...branches.values()].flatMap((own) => {
    const pushed = own.find(({ verdicts }) => verdicts.pushed?.holds === true);
    const repository = repositories.find(({ path }) => path === pushed?.repository.url);
    if (pushed === undefined || repository === undefined) return [];
    const pushes = repository.pushes(pushed.branch);
    const what = `${pushed.branch} was pushed ${pushes} times, by ${own.length} tasks`;
    return pushes > own.length ? [{ about: pushed.taskId, what }] : [];
  });
}
