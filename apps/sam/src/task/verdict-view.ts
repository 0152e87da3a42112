/** What a task came to: its end, its branch, and the four verdicts with their evidence in a line each. */
import { allVerdictsHold, type Verdicts } from "@sam/domain/verdicts";
import type { TaskView } from "@sam/protocol/task-api";

import { plainLine, plainText } from "../terminal/plain-text.ts";
import type { Colour, Paint } from "../terminal/style.ts";
import { duration } from "../terminal/times.ts";

interface Mark {
  readonly sign: string;
  readonly colour: Colour;
  readonly evidence: string;
}

const unknown: Mark = { sign: "–", colour: "grey", evidence: "not known: it did not come to that" };
const shownOutput = 8;
const hashLength = 10;

/** @returns the four verdicts, in their order. */
export function verdictMarks(verdicts: Verdicts): readonly (Mark & { readonly name: string })[] {
  return [
    { name: "ended", ...endedMark(verdicts.ended) },
    { name: "produced", ...producedMark(verdicts.produced) },
    { name: "checked", ...checkedMark(verdicts.checked) },
    { name: "pushed", ...pushedMark(verdicts.pushed) },
  ];
}

function endedMark(ended: Verdicts["ended"]): Mark {
  if (ended === null) return unknown;
  const evidence = plainLine(ended.detail === "" ? ended.stopReason : ended.detail);
  return ended.holds ? { sign: "✓", colour: "green", evidence } : { sign: "✗", colour: "red", evidence };
}

function producedMark(produced: Verdicts["produced"]): Mark {
  if (produced === null) return unknown;
  if (!produced.holds) return { sign: "▲", colour: "amber", evidence: "nothing: no commit and no change" };
  const { commits, headCommit } = produced;
  const head = headCommit === null ? "" : `, up to ${headCommit.slice(0, hashLength)}`;
  return { sign: "✓", colour: "green", evidence: `${count(commits, "commit")}, ${diffSize(produced)}${head}` };
}

function checkedMark(checked: Verdicts["checked"]): Mark {
  if (checked === null) return unknown;
  const command = checked.command === null ? "the check" : `\`${plainLine(checked.command)}\``;
  const took = checked.durationMs === null ? "" : ` after ${duration(checked.durationMs)}`;
  switch (checked.outcome) {
    case "passed":
      return { sign: "✓", colour: "green", evidence: `${command} passed${took} (exit code 0)` };
    case "failed":
      return {
        sign: "✗",
        colour: "red",
        evidence: `${command} failed${took} (exit code ${checked.exitCode ?? "unknown"})`,
      };
    case "not_configured":
      return { sign: "–", colour: "grey", evidence: "no check command was given, so nobody claims that it passes" };
  }
}

function pushedMark(pushed: Verdicts["pushed"]): Mark {
  if (pushed === null) return unknown;
  if (!pushed.holds) return { sign: "✗", colour: "red", evidence: plainLine(pushed.detail) };
  const commit = pushed.commit?.slice(0, hashLength) ?? "it";
  return {
    sign: "✓",
    colour: "green",
    evidence: `the remote lists ${commit} under ${plainLine(pushed.ref ?? "its ref")}`,
  };
}

/** The account of a task that has ended. */
export function resultLines(task: TaskView, paint: Paint): readonly string[] {
  const lines = [headline(task, paint)];
  const { produced, checked } = task.verdicts;
  if (produced?.holds === true) {
    lines.push(
      `  branch    ${plainLine(task.branch)}`,
      `  commits   ${produced.commits}`,
      `  diff      ${diffSize(produced)}`,
    );
  }
  for (const { name, sign, colour, evidence } of verdictMarks(task.verdicts)) {
    lines.push(`${paint(colour, sign)} ${name.padEnd(9)} ${evidence}`);
  }
  if (checked?.outcome === "failed") {
    const output = plainText(checked.outputTail).trimEnd().split("\n").slice(-shownOutput);
    lines.push(...output.map((line) => paint("grey", `  │ ${line}`)));
  }
  return lines;
}

function headline(task: TaskView, paint: Paint): string {
  const took = task.clocks.frozenAt === null ? "" : ` after ${duration(task.clocks.frozenAt - task.createdAt)}`;
  switch (task.step) {
    case "completed":
      if (allVerdictsHold(task.verdicts)) return paint("green", `✓ Completed${took}; ${whatHolds(task)}.`);
      return paint("amber", `▲ Completed${took}, but not all verdicts hold.`);
    case "cancelled":
      return paint("amber", `▲ Cancelled${took}.`);
    case "failed": {
      const { reason = "unknown", evidence = "", whatToDo = "" } = task.failure ?? {};
      return `${paint("red", `✗ Failed${took}: ${reason}.`)}${evidenceLines(evidence)}${indented(whatToDo)}`;
    }
    default:
      return paint("blue", `● ${task.step}`);
  }
}

function whatHolds(task: TaskView): string {
  const unchecked = task.verdicts.checked?.outcome === "not_configured";
  return unchecked ? "every verdict that was asked for holds" : "all four verdicts hold";
}

/** Its first line is SAM's; below it, behind a gutter, stands what others printed. */
function evidenceLines(evidence: string): string {
  const [first = "", ...printed] = plainText(evidence).trim().split("\n");
  return [indented(first), ...printed.map((line) => `\n  │ ${line}`.trimEnd())].join("");
}

function indented(text: string): string {
  const plain = plainText(text).trim();
  return plain === "" ? "" : `\n  ${plain.replaceAll("\n", "\n  ")}`;
}

function diffSize(produced: { files: number; insertions: number; deletions: number }): string {
  return `${count(produced.files, "file")}, +${produced.insertions} −${produced.deletions}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
