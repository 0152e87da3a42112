/**
 * `npm run chaos`: the real system under a storm of faults, and then the ten rules. Prints each breach with the rule's name,
 * the seed and how to do the same again; keeps the folder of a run that failed. Exit code 1 where anything is broken, 2 for
 * a command line that says nothing sensible.
 */
import { writeFileSync } from "node:fs";

import { breachLines } from "@sam/domain/rules/check";

import { type ChaosReport, inWords, runChaos } from "./chaos-run.ts";
import { type ChaosOptions, commandOf, readOptions, usage } from "./options.ts";
import { hasNamespace, runInNamespace } from "./small-disk.ts";

function print(line: string): void {
  console.log(line);
}

function printReport(report: ChaosReport, options: ChaosOptions): void {
  const { rules, trouble, faults, acts, ends } = report;
  const sum = (counts: readonly (readonly [string, number])[]) => counts.reduce((all, [, times]) => all + times, 0);
  print(
    `\nSeed ${report.seed}: ${sum(faults)} faults in ${Math.round(report.stormMs / 1000)} s, then at rest after ${Math.round(report.restMs / 1000)} s.`,
  );
  for (const [name, times] of faults) print(`  ${String(times).padStart(4)}  ${name}`);
  print(`${sum(ends)} tasks: ${inWords(ends)}.`);
  print(`People: ${inWords(acts)}.`);
  if (!report.hasSmallDisk) print("The disk of the nodes was not filled: no mount namespace can be had here.");
  for (const { rule, name, breaches, checked, notChecked } of rules) {
    print(`Rule ${rule}, ${name}: ${breaches.length === 0 ? "holds" : "BROKEN"} (${checked.length} clauses).`);
    for (const { clause, lacks } of notChecked) print(`  not checked: ${clause}; there was no way to see ${lacks}`);
  }
  const wrong = [...trouble, ...breachLines(rules)];
  if (wrong.length > 0 || options.keeps) print(`What it left is kept in ${report.folder}.`);
  if (wrong.length === 0) return;
  print(`\n${wrong.length} things are wrong, with seed ${options.seed}:`);
  for (const line of wrong) print(`- ${line}`);
  print(`\nTo do the same again: ${commandOf(options)}`);
  print("The machine has its part in it: a seed draws the same work, faults and pauses, not the same instants.");
}

async function main(): Promise<number> {
  if (process.argv.includes("--help")) {
    print(usage);
    return 0;
  }
  let options: ChaosOptions;
  try {
    options = readOptions(process.argv.slice(2), Date.now());
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    return 2;
  }
  const inside = hasNamespace() ? null : await runInNamespace();
  if (inside !== null) return inside;
  print(`Chaos with seed ${options.seed}: ${options.minutes} min, ${options.tasks} tasks at once.`);
  const report = await runChaos(options, print);
  printReport(report, options);
  if (options.report !== null) writeFileSync(options.report, `${JSON.stringify(report, null, 2)}\n`);
  return report.trouble.length === 0 && report.rules.every(({ breaches }) => breaches.length === 0) ? 0 : 1;
}

process.exitCode = await main();
