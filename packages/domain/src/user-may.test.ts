import { describe, expect, it } from "vitest";

import { taskSteps } from "./task-lifecycle.ts";
import { asks, lifeIn, nextTaskId, turnEnded } from "./testing/task-life.ts";
import { canDeliver, canInterrupt, canSay, hasRoomFor, maxWaitingLength } from "./user-may.ts";

const offers = (life: ReturnType<typeof lifeIn>) => [
  canSay(life.facts),
  canInterrupt(life.facts),
  canDeliver(life.facts),
];

describe("what a user may ask", () => {
  it("is nothing before the first turn, in a delivery and in a cancel", () => {
    const others = taskSteps.filter(
      (step) => !["running", "awaiting_input", "completed", "failed", "cancelled"].includes(step),
    );
    for (const step of others) expect(offers(lifeIn(step))).toEqual([null, false, false]);
  });

  it("in mid-turn, or before an open question, is to say something for its end, and to interrupt", () => {
    for (const step of ["running", "awaiting_input"] as const) {
      expect(offers(lifeIn(step))).toEqual(["waits_for_the_turn", true, false]);
    }
    const asked = lifeIn("running", { mode: "conversation" });
    asked.reports(asks("q1"));
    expect(offers(asked)).toEqual(["waits_for_the_turn", true, false]);
  });

  it("of an interrupted turn is no second interruption", () => {
    const life = lifeIn("running");
    life.happens({ type: "interrupt_requested" });
    expect(offers(life)).toEqual(["waits_for_the_turn", false, false]);
    life.reports(turnEnded(1, "cancelled"));
    expect(offers(life)).toEqual(["next_turn", false, true]);
  });

  it("between two turns is the next one, or the delivery", () => {
    expect(offers(lifeIn("awaiting_input", { mode: "conversation" }))).toEqual(["next_turn", false, true]);
  });

  it("after the end is to continue, once", () => {
    for (const step of ["completed", "failed", "cancelled"] as const) {
      const life = lifeIn(step);
      expect(offers(life)).toEqual(["continues", false, false]);
      life.happens({ type: "continued", by: nextTaskId, text: "More", summary: "It is done." });
      expect(offers(life)).toEqual([null, false, false]);
    }
  });

  it("is no more at once than fits into one prompt", () => {
    const { facts } = lifeIn("running");
    const half = "a".repeat(maxWaitingLength / 2);
    expect(hasRoomFor(facts, half + half)).toBe(true);
    expect(hasRoomFor({ ...facts, waitingTexts: [half] }, half)).toBe(false);
  });
});
