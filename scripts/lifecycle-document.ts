/**
 * `npm run docs`: writes docs/lifecycle.md from the lifecycle tables, the failure reasons and the settings. A test fails
 * when the file is stale, so the document cannot say anything else than the code does.
 */
import { writeFileSync } from "node:fs";

import { failureReasons } from "@sam/domain/failure-reason";
import { nodeFailureReasons, nodeLifecycle, nodeStates } from "@sam/domain/node-lifecycle";
import { defaultSettings, isSettingName, settingMeanings, type SettingName } from "@sam/domain/settings";
import { describeConsequence, taskLifecycle, taskSteps, type NonFinalRow } from "@sam/domain/task-lifecycle";

import { root } from "./node.mjs";

export const lifecycleDocumentPath = "docs/lifecycle.md";

/** @returns the whole document, as it is to stand in docs/lifecycle.md. */
export function lifecycleDocument(): string {
  return `${[
    "# The lifecycles",
    "This file is made by `npm run docs` from the tables in `packages/domain`; change those, not this. Each duration is " +
      "a setting with the default that stands here.",
    ...taskSection(),
    ...nodeSection(),
    ...settingsSection(),
  ].join("\n\n")}\n`;
}

function taskSection(): readonly string[] {
  const rows = taskSteps.flatMap((step) => {
    const row = taskLifecycle[step];
    if (row.final) return [];
    const { waitsFor, owner, progress, cancel } = row;
    return [[code(step), waitsFor, words(owner), progress ?? "–", limitsOf(row), consequencesOf(row), code(cancel)]];
  });
  const finals = taskSteps.flatMap((step) => {
    const row = taskLifecycle[step];
    return row.final ? [[code(step), row.means]] : [];
  });
  return [
    "## A task",
    "A step that is not final has a deadline, an owner, a cancel edge and a consequence; the types refuse a row without " +
      "them. A deadline passes only where nothing of what the step waits for came in time.",
    table(["step", "waits for", "owner", "progress is", "deadline", "then it", "a cancel leads to"], rows),
    table(["final step", "means"], finals),
    "The diagram leaves out two edges that every step has: a cancel leads to `cancelling`, and a failure of the list " +
      "below leads to `failed`.",
    diagram(
      taskSteps,
      (step) => {
        const row = taskLifecycle[step];
        return row.final ? null : row.leadsTo;
      },
      (from, to) => to !== "cancelling" && (to !== "failed" || from === "delivery"),
    ),
    "### Why a task fails",
    "The list is closed. The evidence stands beside the reason in the task's facts.",
    table(
      ["reason", "what it means, and what to do"],
      Object.entries(failureReasons).map(([reason, whatToDo]) => [code(reason), whatToDo]),
    ),
  ];
}

function nodeSection(): readonly string[] {
  const rows = nodeStates.flatMap((state) => {
    const row = nodeLifecycle[state];
    if (row.final) return [];
    const { waitsFor, owner, deadline, consequence, destroy } = row;
    return [[code(state), waitsFor, words(owner), limit(deadline), consequence, code(destroy)]];
  });
  const finals = nodeStates.flatMap((state) => {
    const row = nodeLifecycle[state];
    return row.final ? [[code(state), row.means]] : [];
  });
  return [
    "## A node",
    "`ready` has work, `warm` has none and is kept for a while. A failed node is still destroyed: only `destroyed` is " +
      "final.",
    table(["state", "waits for", "owner", "deadline", "then it", "given up, it goes to"], rows),
    table(["final state", "means"], finals),
    diagram(
      nodeStates,
      (state) => {
        const row = nodeLifecycle[state];
        return row.final ? null : row.leadsTo;
      },
      () => true,
    ),
    "### Why a node fails",
    table(
      ["reason", "what it means"],
      Object.entries(nodeFailureReasons).map(([reason, meaning]) => [code(reason), meaning]),
    ),
  ];
}

function settingsSection(): readonly string[] {
  const names = Object.keys(defaultSettings).filter((name) => isSettingName(name));
  return [
    "## Settings",
    "An installation overrides a setting by its name, in the unit that the name ends in (`Ms`: milliseconds).",
    table(
      ["setting", "default", "what it limits or paces"],
      names.map((name) => [code(name), amount(name), settingMeanings[name]]),
    ),
  ];
}

function limitsOf({ deadline, progressDeadline, watches }: NonFinalRow): string {
  const watched = watches.map((watch) => `; ${limit(watch.limit)} in which ${watch.fails}`).join("");
  if (progressDeadline === null) return `${limit(deadline)}${watched}`;
  const { flag, limit: stall } = progressDeadline;
  const flagged = flag === null ? "" : `, flagged after ${limit(flag)}`;
  return `${limit(deadline)} in all; ${limit(stall)} without progress${flagged}${watched}`;
}

function consequencesOf({ then, progressDeadline, watches }: NonFinalRow): string {
  const inAll = describeConsequence(then);
  const stalled = progressDeadline === null ? inAll : describeConsequence(progressDeadline.then);
  const watched = watches.map((watch) => {
    const atOnce = watch.atOnce.map((kind) => code(kind)).join(" or ");
    return `; the ${watch.over} fails, or at once where it is ${atOnce}: ${describeConsequence(watch.then)}`;
  });
  return `${inAll === stalled ? inAll : `in all: ${inAll}; without progress: ${stalled}`}${watched.join("")}`;
}

function limit(name: SettingName): string {
  return `${amount(name)} (${code(name)})`;
}

/** @returns a setting's default with the largest unit that leaves it whole, or a bare number where it is a count. */
function amount(name: SettingName): string {
  const value = defaultSettings[name];
  if (!name.endsWith("Ms")) return String(value);
  const units = [
    ["days", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1_000],
  ] as const;
  const [unit, size] = units.find(([, candidate]) => value % candidate === 0) ?? ["ms", 1];
  return `${value / size} ${unit}`;
}

function code(name: string): string {
  return `\`${name}\``;
}

function words(name: string): string {
  return name.replaceAll("_", " ");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** @param leadsTo what can follow; null: it is final. @param shows which edges are drawn. */
function diagram<Name extends string>(
  names: readonly Name[],
  leadsTo: (name: Name) => readonly Name[] | null,
  shows: (from: Name, to: Name) => boolean,
): string {
  const edges = names.flatMap((from) => {
    const next = leadsTo(from);
    if (next === null) return [`    ${from} --> [*]`];
    return next.filter((to) => shows(from, to)).map((to) => `    ${from} --> ${to}`);
  });
  return ["```mermaid", "stateDiagram-v2", `    [*] --> ${names[0] ?? ""}`, ...edges, "```"].join("\n");
}

if (import.meta.main) writeFileSync(`${root}/${lifecycleDocumentPath}`, lifecycleDocument());
