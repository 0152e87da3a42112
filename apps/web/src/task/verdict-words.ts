/** The four verdicts, each a mark with its evidence in a line: "ended" is not "done", and not known is not "no". */
import { plainLine } from "@sam/domain/plain-text";
import type { Verdicts } from "@sam/domain/verdicts";

import type { Meaning } from "../status/meaning.ts";
import { durationText } from "../time/words.ts";

export const verdictNames = ["ended", "produced", "checked", "pushed"] as const;
export type VerdictName = (typeof verdictNames)[number];

export interface VerdictMark {
  readonly name: VerdictName;
  readonly meaning: Meaning;
  /** In a word, for those who do not see the shape. */
  readonly word: "yes" | "no" | "nothing" | "not known" | "not asked for";
  readonly evidence: string;
}

type Judged = Omit<VerdictMark, "name">;

const hashLength = 10;

/** @param final whether it will not be known any more. */
export function verdictMarks(verdicts: Verdicts, final: boolean): readonly VerdictMark[] {
  const unknown: Judged = {
    meaning: "unknown",
    word: "not known",
    evidence: final ? "it did not come to that" : "it has not come to that yet",
  };
  return [
    { name: "ended", ...(verdicts.ended === null ? unknown : endedMark(verdicts.ended)) },
    { name: "produced", ...(verdicts.produced === null ? unknown : producedMark(verdicts.produced)) },
    { name: "checked", ...(verdicts.checked === null ? unknown : checkedMark(verdicts.checked)) },
    { name: "pushed", ...(verdicts.pushed === null ? unknown : pushedMark(verdicts.pushed)) },
  ];
}

function endedMark({ holds, stopReason, detail }: NonNullable<Verdicts["ended"]>): Judged {
  const evidence = plainLine(detail === "" ? `the agent's turn ended: ${stopReason}` : detail);
  return holds ? { meaning: "done", word: "yes", evidence } : { meaning: "failed", word: "no", evidence };
}

function producedMark(produced: NonNullable<Verdicts["produced"]>): Judged {
  if (!produced.holds) return { meaning: "yours", word: "nothing", evidence: "no commit and no change" };
  const { commits, headCommit } = produced;
  const head = headCommit === null ? "" : `, up to ${headCommit.slice(0, hashLength)}`;
  return { meaning: "done", word: "yes", evidence: `${counted(commits, "commit")}, ${sizeText(produced)}${head}` };
}

function checkedMark(checked: NonNullable<Verdicts["checked"]>): Judged {
  const command = checked.command === null ? "the check" : plainLine(checked.command);
  const took = checked.durationMs === null ? "" : ` after ${durationText(checked.durationMs)}`;
  switch (checked.outcome) {
    case "passed":
      return { meaning: "done", word: "yes", evidence: `${command} passed${took} (exit code 0)` };
    case "failed": {
      const exit = checked.exitCode === null ? "no exit code" : `exit code ${checked.exitCode}`;
      return { meaning: "failed", word: "no", evidence: `${command} failed${took} (${exit})` };
    }
    case "not_configured":
      return {
        meaning: "unknown",
        word: "not asked for",
        evidence: "no check command was given, so nobody claims that it passes",
      };
  }
}

function pushedMark({ holds, ref, commit, detail }: NonNullable<Verdicts["pushed"]>): Judged {
  if (!holds) return { meaning: "failed", word: "no", evidence: plainLine(detail) };
  const what = commit?.slice(0, hashLength) ?? "it";
  return { meaning: "done", word: "yes", evidence: `the remote lists ${what} under ${plainLine(ref ?? "its ref")}` };
}

/** Such as "3 files, +12 −4". */
export function sizeText(of: {
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
}): string {
  return `${counted(of.files, "file")}, +${of.insertions} −${of.deletions}`;
}

export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
