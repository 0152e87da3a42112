/**
 * What only a run of the real system can bear witness to, in the reports' own form: what the work itself left behind on the
 * nodes' disks, and what the remotes logged.
 */
import type { RuleReport } from "@sam/domain/rules/check";
import { type Breach, ruleNames, type RuleNumber } from "@sam/domain/rules/rule";
import { lastState, type TaskRecord } from "@sam/domain/rules/task-record";

import type { Repository } from "../system/support/repository.ts";
import type { System } from "../system/support/system.ts";
import { testimony } from "../system/support/witness.ts";
import type { Charge } from "./people.ts";

export function hearWitnesses(
  system: System,
  charges: readonly Charge[],
  tasks: readonly TaskRecord[],
  repositories: readonly Repository[],
): readonly RuleReport[] {
  return [
    report(4, "a block of the agent's work that has ended is not run again", twiceDone(system, charges)),
    report(4, "a branch is pushed once by each task that works on it", pushedAgain(tasks, repositories)),
    report(9, "no work of a task ever finds another one of it at work", notAlone(system, charges)),
  ];
}

function report(rule: RuleNumber, clause: string, breaches: readonly Breach[]): RuleReport {
  const found = breaches.map((breach) => ({ clause, ...breach }));
  return { rule, name: ruleNames[rule], breaches: found, checked: [clause], notChecked: [] };
}

function twiceDone(system: System, charges: readonly Charge[]): readonly Breach[] {
  return charges.flatMap(({ taskId, work }) => {
    const ends = testimony(system, work.name).filter((line) => line.endsWith(" ends"));
    const again = new Set(ends.filter((line, index) => ends.indexOf(line) !== index));
    return [...again].map((line) => ({
      about: taskId,
      what: `of ${work.name}, "${line}" is testified more than once`,
    }));
  });
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
