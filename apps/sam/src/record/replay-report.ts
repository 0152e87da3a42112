/** What can be said of an export: what the ten rules say, and whether it is decided today as it was decided then. */
import type { Redecided } from "@sam/domain/record/redecide";
import type { RuleReport } from "@sam/domain/rules/check";
import { checkExport, redecideExport, redecideExportedNode } from "@sam/protocol/recorded-task";
import type { TaskExport } from "@sam/protocol/task-export";

import { cut } from "../terminal/cells.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Screen } from "../terminal/terminal.ts";
import { timeOfDay } from "../terminal/times.ts";
import { counted, words } from "./replay-words.ts";

export interface ReplayReport {
  readonly rules: readonly RuleReport[];
  readonly task: Redecided;
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly redecided: Redecided | null;
    readonly missing: string | null;
  }[];
}

export function reportOn(exported: TaskExport): ReplayReport {
  return {
    rules: checkExport(exported),
    task: redecideExport(exported),
    nodes: exported.nodes.map((node) => ({
      nodeId: node.nodeId,
      redecided: redecideExportedNode(exported, node),
      missing: node.missing,
    })),
  };
}

/** Whether all that could be looked at is as it should be. */
export function isGood({ rules, task, nodes }: ReplayReport): boolean {
  const redecided = [task, ...nodes.flatMap((node) => node.redecided ?? [])];
  return (
    rules.every(({ breaches }) => breaches.length === 0) &&
    redecided.every(({ differences }) => differences.length === 0)
  );
}

type Paper = Pick<Screen, "paint" | "width">;

export function reportLines(report: ReplayReport, screen: Paper): readonly string[] {
  return [
    "What the ten rules say:",
    ...report.rules.flatMap((rule) => ruleLines(rule, screen)),
    "",
    "Decided again:",
    ...redecidedLines("the task", report.task, screen),
    ...report.nodes.flatMap(({ nodeId, redecided, missing }) =>
      redecided === null
        ? [`  ${screen.paint("grey", "?")} ${nodeId}: not on record (${plainLine(missing ?? "")})`]
        : redecidedLines(nodeId, redecided, screen),
    ),
  ];
}

function ruleLines({ rule, name, breaches, checked, notChecked }: RuleReport, screen: Paper): string[] {
  const { paint } = screen;
  const room = Math.max(20, screen.width() - 6);
  const head = breaches.length > 0 ? paint("red", "✗") : checked.length > 0 ? paint("green", "✓") : paint("grey", "?");
  const extent = `${checked.length} of ${counted(checked.length + notChecked.length, "clause")} checked`;
  const lacks = [...new Set(notChecked.map((one) => one.lacks))];
  return [
    `  ${head} ${rule}. ${name} ${paint("grey", `(${extent})`)}`,
    ...breaches.map(({ about, what }) => `      ${cut(plainLine(`${about}: ${what}`), room)}`),
    ...(lacks.length === 0 ? [] : [`      ${paint("grey", cut(`not in the file: ${lacks.join("; ")}`, room))}`]),
  ];
}

const mostShown = 20;

function redecidedLines(what: string, redecided: Redecided, screen: Paper): string[] {
  const { decided, passedOver, differences } = redecided;
  const { paint } = screen;
  const room = Math.max(20, screen.width() - 6);
  const same = differences.length === 0;
  const extent = `${counted(decided, "entry", "entries")} decided again`;
  const end = same ? "each as it was recorded" : `${counted(differences.length, "difference")} to what was recorded`;
  const left = passedOver.length === 0 ? "" : `; ${passedOver.length} not, the first since ${passedOver[0]?.why ?? ""}`;
  const sign = decided === 0 ? paint("grey", "?") : same ? paint("green", "✓") : paint("red", "✗");
  return [
    `  ${sign} ${what}: ${decided === 0 ? "nothing could be decided again" : `${extent}, ${end}`}${left}`,
    ...differences.slice(0, mostShown).map(({ position, at, type, what: field, recorded, decided: now }) => {
      const text = `${position}. ${timeOfDay(at)} ${words(type)}: ${field} was ${recorded}, and is now ${now}`;
      return `      ${cut(plainLine(text), room)}`;
    }),
    ...(differences.length > mostShown ? [`      and ${differences.length - mostShown} more`] : []),
  ];
}
