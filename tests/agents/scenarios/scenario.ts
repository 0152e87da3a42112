/** A scenario is one thing that happens to a task of a real agent, and what the task must then have ended as. */
import type { FailureReason } from "@sam/domain/failure-reason";
import type { FinalStep } from "@sam/domain/task-lifecycle";
import type { verdictColour } from "@sam/domain/verdicts";

import type { AgentBed, Errand } from "../support/agent-bed.ts";
import type { AgentProfile } from "../support/agent-profile.ts";

export const scenarioIds = [
  "did_nothing",
  "changes",
  "continued",
  "granted",
  "refused",
  "cancelled_in_stream",
  "cancelled_in_tool",
  "cancelled_while_asking",
  "killed",
  "interrupted",
  "model_fails",
  "model_refuses_key",
  "model_is_silent",
] as const;
export type ScenarioId = (typeof scenarioIds)[number];

/** How a task ends, in the words of the lifecycle. */
export interface End {
  readonly step: FinalStep;
  readonly colour: ReturnType<typeof verdictColour>;
  readonly reason: FailureReason | null;
}

/** What was played, to be held against the end that it must have. */
export interface Played extends Errand {
  /** What was seen of this agent in particular, as a sentence that is the same in each run; null: nothing. */
  readonly seen: string | null;
}

export interface Scenario {
  readonly id: ScenarioId;
  /** As a test's name and as a row of the table. */
  readonly title: string;
  /** What happens, and what is proven of it beside the end, in words. */
  readonly proves: string;
  readonly end: (profile: AgentProfile) => End;
  /** Plays it until the task has ended, and proves what is particular to it. */
  readonly play: (bed: AgentBed) => Promise<Played>;
}

export const good: End = { step: "completed", colour: "green", reason: null };
export const cancelled: End = { step: "cancelled", colour: "amber", reason: null };
