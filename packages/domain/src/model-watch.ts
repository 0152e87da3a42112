/** The watch over an agent's model: when a turn is given up because of it, and what that is called. */
import type { Failure } from "./failure-reason.ts";
import { isLasting, reasonOfModelFailure, type ModelFailure } from "./model-calls.ts";
import type { ModelTrouble, TaskFacts } from "./task-facts.ts";
import { taskLifecycle } from "./task-lifecycle.ts";

/** @returns when the turn is given up because of its model; null where it is not failing, or the time stands still. */
export function modelGiveUpAt({ step, interrupted, modelTrouble }: TaskFacts): number | null {
  const row = taskLifecycle[step];
  const isWatched = !row.final && row.watches.some(({ over }) => over === "model");
  return isWatched && !interrupted ? (modelTrouble?.giveUpAt ?? null) : null;
}

/** What a task fails with whose model fails. The server's own words are evidence, and are never said in SAM's name. */
export function failureByModel({ since, failure }: ModelTrouble, now: number): Omit<Failure, "at"> {
  const reason = reasonOfModelFailure[failure.kind];
  const forSeconds = Math.round((now - since) / 1_000);
  const span = isLasting(failure.kind) ? "" : `; no call had succeeded for ${forSeconds} s`;
  const words = failure.detail === "" ? "" : `\n${failure.detail}`;
  return { reason, evidence: `${describeModelFailure(failure)}${span}${words}` };
}

/** In words that are ours alone. */
export function describeModelFailure({ kind, status }: ModelFailure): string {
  if (status !== null) return `the model's server answered ${status} (${kind})`;
  return kind === "no_answer"
    ? "the model's server did not answer"
    : `the model's server could not be reached (${kind})`;
}
