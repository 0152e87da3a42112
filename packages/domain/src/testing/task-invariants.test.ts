/** A check that has gone blind proves nothing: each of these decisions is wrong, and must be caught. */
import { describe, expect, it } from "vitest";

import type { TaskDecision, TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import { breaches } from "./task-invariants.ts";
import { asks, lifeIn, modelFails, nextTaskId, update, type TaskLife } from "./task-life.ts";

interface Wrong {
  readonly what: string;
  readonly life: () => TaskLife;
  readonly event: TaskEvent;
  readonly doctor: (decision: TaskDecision, now: number) => TaskDecision;
}

const withFacts = (decision: TaskDecision, facts: Partial<TaskFacts>): TaskDecision => ({
  ...decision,
  facts: { ...decision.facts, ...facts },
});

const wrong: readonly Wrong[] = [
  {
    what: "a heartbeat that counts as progress",
    life: () => lifeIn("running"),
    event: { type: "contact" },
    doctor: (made, now) => withFacts(made, { clocks: { ...made.facts.clocks, lastProgressAt: now } }),
  },
  {
    what: "a step without a deadline",
    life: () => lifeIn("running"),
    event: { type: "contact" },
    doctor: (made) => withFacts(made, { deadlineAt: null }),
  },
  {
    what: "a cancel that a late success overwrites",
    life: () => lifeIn("cancelled"),
    event: { type: "contact" },
    doctor: (made) => withFacts(made, { step: "completed" }),
  },
  {
    what: "a clock that moves after the end",
    life: () => lifeIn("completed"),
    event: { type: "contact" },
    doctor: (made, now) => withFacts(made, { clocks: { ...made.facts.clocks, lastContactAt: now } }),
  },
  {
    what: "a transition that no version counts",
    life: () => lifeIn("running"),
    event: { type: "cancel_requested", by: "user" },
    doctor: (made) => withFacts(made, { version: made.facts.version - 1 }),
  },
  {
    what: "an effect under a key that was used before",
    life: () => lifeIn("running"),
    event: { type: "cancel_requested", by: "user" },
    doctor: (made) => ({ ...made, effects: made.effects.map(({ effect }) => ({ key: "effect-1", effect })) }),
  },
  {
    what: "a message of the agent that is said twice",
    life: () => lifeIn("running"),
    event: { type: "vm_agent", seq: 1_000, event: update(1) },
    doctor: (made) => ({ ...made, messages: [...made.messages, ...made.messages] }),
  },
  {
    what: "a run that completes although its turn never ended",
    life: () => lifeIn("completed"),
    event: { type: "contact" },
    doctor: (made) => withFacts(made, { verdicts: { ...made.facts.verdicts, ended: null } }),
  },
  {
    what: "a cancelled task that neither proves nor names a line",
    life: () => lifeIn("cancelled"),
    event: { type: "contact" },
    doctor: (made) => withFacts(made, { receipt: [] }),
  },
  {
    what: "a text that waits for a turn that is over",
    life: () => lifeIn("awaiting_input", { mode: "conversation" }),
    event: { type: "contact" },
    doctor: (made) => withFacts(made, { waitingTexts: ["More"] }),
  },
  {
    what: "a text that waited and is gone without a word",
    life: () => {
      const life = lifeIn("running");
      life.happens({ type: "follow_up", text: "More", interrupt: false, key: null });
      return life;
    },
    event: { type: "contact" },
    doctor: (made) => withFacts(made, { waitingTexts: [] }),
  },
  {
    what: "an interrupted turn whose agent is gone, so that nobody can end it",
    life: () => lifeIn("running"),
    event: { type: "interrupt_requested" },
    doctor: (made) =>
      withFacts(made, { agent: made.facts.agent === null ? null : { ...made.facts.agent, state: "starting" } }),
  },
  {
    what: "an answer in the user's place that the conversation does not show",
    life: () => lifeIn("running", { permissionPolicy: "allow_all" }),
    event: { type: "vm_agent", seq: 1_000, event: asks("q1") },
    doctor: (made) => ({ ...made, messages: [] }),
  },
  {
    what: "a policy that is said to have answered, and did not",
    life: () => lifeIn("running", { permissionPolicy: "allow_all" }),
    event: { type: "vm_agent", seq: 1_000, event: asks("q1") },
    doctor: (made, _now) => ({ ...withFacts(made, { effectCount: made.facts.effectCount - 1 }), effects: [] }),
  },
  {
    what: "a continuation that is written down and never begun",
    life: () => lifeIn("completed"),
    event: { type: "continued", by: nextTaskId, text: "More", summary: "" },
    doctor: (made) => ({ ...withFacts(made, { effectCount: made.facts.effectCount - 1 }), effects: [] }),
  },
  {
    what: "a continuation that is begun and not written down",
    life: () => lifeIn("completed"),
    event: { type: "continued", by: nextTaskId, text: "More", summary: "" },
    doctor: (made) => withFacts(made, { continuedBy: null }),
  },
  {
    what: "a failing model that outlives its turns",
    life: () => lifeIn("delivery"),
    event: { type: "contact" },
    doctor: (made, now) =>
      withFacts(made, { modelTrouble: { since: now, giveUpAt: now, failure: modelFails(1, "refused").failure } }),
  },
];

describe("the invariants catch", () => {
  it.each(wrong)("$what", ({ life, event, doctor }) => {
    const one = life();
    const before = one.facts;
    const decision = one.happens(event);
    expect(breaches(before, event, decision, one.now)).toEqual([]);
    expect(breaches(before, event, doctor(decision, one.now), one.now)).not.toEqual([]);
  });
});
