/**
 * The four verdicts on a task, each a separate fact with its own evidence: "ended" is not "done".
 * A verdict holds, does not hold, or is not known (nobody has looked yet, or nobody was asked to).
 */

/**
 * The stop reason of a turn that its agent ended because somebody refused what it asked for, as some agents do. The turn
 * did not come to its end, so the verdict does not hold; but the user's own "no" is no failure of the agent.
 */
export const permissionRefused = "permission_refused";

export interface EndedVerdict {
  /** The agent ended its turn and reported no failure of its own. */
  readonly holds: boolean;
  /** ACP's stop reason, or `none` where the turn never ended. */
  readonly stopReason: string;
  readonly detail: string;
}

export interface ProducedVerdict {
  readonly holds: boolean;
  readonly commits: number;
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
  readonly headCommit: string | null;
}

export interface CheckedVerdict {
  /** `not_configured`: the project has no check command, so nobody claims that it passes. */
  readonly outcome: "passed" | "failed" | "not_configured";
  readonly command: string | null;
  readonly exitCode: number | null;
  readonly durationMs: number | null;
  /** The last lines that the command printed. */
  readonly outputTail: string;
}

export interface PushedVerdict {
  /** The remote itself listed this commit under this ref when it was asked after the push. */
  readonly holds: boolean;
  readonly ref: string | null;
  readonly commit: string | null;
  readonly detail: string;
}

export interface Verdicts {
  readonly ended: EndedVerdict | null;
  readonly produced: ProducedVerdict | null;
  readonly checked: CheckedVerdict | null;
  readonly pushed: PushedVerdict | null;
}

export const noVerdicts: Verdicts = { ended: null, produced: null, checked: null, pushed: null };

/**
 * @returns whether the task is good in all four senses. A project without a check command has nothing to fail;
 * a run that produced nothing is never good.
 */
export function allVerdictsHold(verdicts: Verdicts): boolean {
  return (
    verdicts.ended?.holds === true &&
    verdicts.produced?.holds === true &&
    (verdicts.checked?.outcome === "passed" || verdicts.checked?.outcome === "not_configured") &&
    verdicts.pushed?.holds === true
  );
}

/** Green is for work with evidence; amber for an end that produced nothing; red for a failure. */
export function verdictColour(
  step: "completed" | "failed" | "cancelled",
  verdicts: Verdicts,
): "green" | "amber" | "red" {
  if (step === "failed") return "red";
  return step === "completed" && allVerdictsHold(verdicts) ? "green" : "amber";
}
