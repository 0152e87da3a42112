/** The watch over an agent's model: how long it may fail, and when that time does not run. */
import type { TaskFacts } from "./task-facts.ts";

/** @returns when the turn is given up because of its model; null where it is not failing, or the time stands still. */
export function modelGiveUpAt({ step, interrupted, modelTrouble }: TaskFacts): number | null {
  return step === "running" && !interrupted ? (modelTrouble?.giveUpAt ?? null) : null;
}
