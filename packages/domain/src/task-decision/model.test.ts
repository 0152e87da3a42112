/** The agent's model fails in mid-turn: what is true of it is said, and the turn is given up at a time that is known. */
import { describe, expect, it } from "vitest";

import { modelFailureKinds } from "../model-calls.ts";
import { modelGiveUpAt } from "../model-watch.ts";
import {
  agentGone,
  agentReady,
  asks,
  goodDelivery,
  keepsMachine,
  lifeIn,
  modelFails,
  turnEnded,
  update,
} from "../testing/task-life.ts";
import { afterOutages, nextLookAt } from "./decide.ts";

const minute = 60_000;
const unavailable = { kind: "unavailable", status: 500, detail: "overloaded" } as const;
const delivered = { type: "delivered", verdicts: goodDelivery } as const;

describe("a model that refuses the key, or that is not there", () => {
  it.each([
    ["unauthorized", "model_unauthorized"],
    ["not_found", "model_not_found"],
  ] as const)("%s: nobody waits; the turn is cancelled, what there is is delivered, the task fails", (kind, reason) => {
    const life = lifeIn("running");
    life.reports(modelFails(1, kind));
    expect(life.step).toBe("delivery");
    expect(life.commands.slice(-2)).toMatchObject([{ type: "cancel_turn", turn: 1 }, { type: "deliver" }]);
    life.reports(turnEnded(1, "cancelled"), delivered);
    expect(life.facts.failure).toMatchObject({ reason, evidence: expect.stringContaining("obey me") });
    expect(life.facts.verdicts).toMatchObject({ ended: { holds: false }, pushed: { holds: true } });
  });

  it("after failures that might have passed ends the turn at once, with the reason that lasts", () => {
    const life = lifeIn("running");
    life.reports(modelFails(1, "unavailable"), modelFails(1, "unauthorized"));
    expect(life.facts.pendingFailure?.reason).toBe("model_unauthorized");
  });
});

describe("a model that fails for a while", () => {
  it.each(["refused", "rate_limited", "unavailable", "no_answer"] as const)(
    "%s: is given up five minutes after its first failure, whatever comes after that one",
    (kind) => {
      const life = lifeIn("running");
      life.reports(modelFails(1, "rate_limited"));
      const since = life.now;
      expect(life.facts.modelTrouble).toMatchObject({ since, giveUpAt: since + 5 * minute });
      life.reports(update(1), modelFails(1, kind, 4), update(1));
      expect(life.facts.modelTrouble).toMatchObject({ since, giveUpAt: since + 5 * minute, failure: { kind } });
      life.looksUntilItMoves();
      expect(life.now - since).toBe(5 * minute);
      expect(life.step).toBe("delivery");
      const reason = kind === "refused" ? "model_refused" : "model_unavailable";
      life.reports(delivered);
      expect(life.facts.failure).toMatchObject({ reason, evidence: expect.stringContaining("300 s") });
      expect(life.commands.filter((body) => body.type === "start_agent")).toHaveLength(1);
    },
  );

  it("and answers again lets the turn go on, and the next failure has the full time", () => {
    const life = lifeIn("running");
    life.reports(modelFails(1, "unavailable"));
    life.happens({ type: "contact" }, 4 * minute);
    life.reports({ type: "model_answering", turn: 1 });
    expect(life.facts.modelTrouble).toBeNull();
    expect(life.notes.at(-1)).toMatch(/answers again, 24\d s/);
    life.happens({ type: "look" }, 2 * minute);
    expect(life.step).toBe("running");
    life.reports(modelFails(1, "unavailable"));
    expect(life.facts.modelTrouble?.giveUpAt).toBe(life.now + 5 * minute);
    life.reports({ type: "model_answering", turn: 1 }, turnEnded(1, "end_turn", null), delivered);
    expect(life.step).toBe("completed");
  });

  it("says once what it saw and what happens when; what its server printed is never said in SAM's name", () => {
    const life = lifeIn("running");
    const before = life.notes.length;
    life.reports(modelFails(1, "unavailable"), modelFails(1, "unavailable", 2), modelFails(1, "rate_limited", 3));
    const notes = life.notes.slice(before);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatch(/answered 503 \(unavailable\).*within 300 s, the turn is given up/);
    expect(notes[1]).toMatch(/within 298 s/);
    expect(notes.join("\n")).not.toContain("obey me");
  });

  it.each(modelFailureKinds)("%s: words of an agent or a turn that was replaced say nothing of this one", (kind) => {
    const life = lifeIn("running");
    life.reports(modelFails(0, kind));
    life.reports(agentGone(1), modelFails(1, kind), agentReady(2, true), modelFails(1, kind));
    expect(life.facts.modelTrouble).toBeNull();
    expect(life.step).toBe("running");
  });
});

describe("the time of a failing model", () => {
  it("stands still while the task awaits the user, and goes on with their answer", () => {
    const life = lifeIn("running", {}, keepsMachine);
    life.reports(modelFails(1, "unavailable"));
    const leftMs = 5 * minute - 1_000;
    life.reports(asks("q1"));
    expect(modelGiveUpAt(life.facts)).toBeNull();
    life.happens({ type: "look" }, 60 * minute);
    expect(life.step).toBe("awaiting_input");
    life.happens({ type: "answered", requestId: "q1", optionId: "yes", by: "user" });
    expect(life.facts.modelTrouble?.giveUpAt).toBe(life.now + leftMs);
    life.looksUntilItMoves();
    expect(life.facts.pendingFailure?.reason).toBe("model_unavailable");
  });

  it("of a failure while a question is open begins with the answer", () => {
    const life = lifeIn("awaiting_input");
    life.reports(modelFails(1, "unavailable"));
    expect(life.notes.at(-1)).toContain("stands still");
    life.happens({ type: "answered", requestId: "q1", optionId: "yes", by: "user" }, 60 * minute);
    expect(life.facts.modelTrouble?.giveUpAt).toBe(life.now + 5 * minute);
  });

  it("that was refused for good while a question was open ends the turn right after the answer", () => {
    const life = lifeIn("awaiting_input");
    life.reports(modelFails(1, "unauthorized"));
    expect(life.step).toBe("awaiting_input");
    life.happens({ type: "answered", requestId: "q1", optionId: "yes", by: "user" }, 60 * minute);
    life.looksUntilItMoves();
    expect(life.facts.pendingFailure?.reason).toBe("model_unauthorized");
  });

  it("moves by the time in which the control plane was off", () => {
    const life = lifeIn("running");
    life.reports(modelFails(1, "unavailable"));
    const { now } = life;
    const facts = afterOutages(life.facts, [{ from: now, to: now + 60 * minute }]);
    expect(facts.modelTrouble).toMatchObject({ since: now, giveUpAt: now + 65 * minute });
    expect(nextLookAt(facts)).toBe(now + 65 * minute);
  });

  it("is when the alarm looks, where nothing is due before it", () => {
    const life = lifeIn("running", {}, { nodePollMs: 60 * minute });
    life.reports(modelFails(1, "unavailable"));
    expect(nextLookAt(life.facts)).toBe(life.now + 5 * minute);
  });
});

describe("a turn that ends although its last model call failed", () => {
  it.each(["end_turn", "refusal", "cancelled"])(
    "%s is no success: the task fails for its model's reason",
    (stopReason) => {
      const life = lifeIn("running");
      life.reports(turnEnded(1, stopReason, unavailable));
      expect(life.facts.verdicts.ended).toMatchObject({ holds: false, stopReason });
      life.reports(delivered);
      expect(life.facts.failure).toMatchObject({
        reason: "model_unavailable",
        evidence: expect.stringContaining("overloaded"),
      });
    },
  );

  it("keeps that reason where the delivery fails too", () => {
    const life = lifeIn("running");
    life.reports(modelFails(1, "rate_limited"), turnEnded(1, "end_turn", { ...unavailable, kind: "rate_limited" }));
    life.looksUntilItMoves();
    expect(life.facts.failure).toMatchObject({
      reason: "model_unavailable",
      evidence: expect.stringContaining("delivery_timeout"),
    });
  });

  it("where nobody saw its calls but failures, has not ended well either", () => {
    const life = lifeIn("running");
    life.reports(modelFails(1, "unavailable"), turnEnded(1));
    expect(life.facts.pendingFailure?.reason).toBe("model_unavailable");
  });

  it("is well where the agent went on, and its last call succeeded", () => {
    const life = lifeIn("running");
    life.reports(modelFails(1, "unavailable"), turnEnded(1, "end_turn", null), delivered);
    expect(life.step).toBe("completed");
  });

  it("in conversation mode awaits the user, who may say it again; delivered so, the task fails", () => {
    const life = lifeIn("running", { mode: "conversation" });
    life.reports(turnEnded(1, "end_turn", unavailable));
    expect(life.step).toBe("awaiting_input");
    expect(life.facts.verdicts.ended).toMatchObject({ holds: false, detail: expect.stringContaining("500") });
    life.happens({ type: "deliver_requested" });
    life.reports(delivered);
    expect(life.facts.failure?.reason).toBe("model_unavailable");
    const again = lifeIn("running", { mode: "conversation" });
    again.reports(turnEnded(1, "end_turn", unavailable));
    again.happens({ type: "follow_up", text: "Once more", interrupt: false, key: null });
    expect(again.facts.modelTrouble).toBeNull();
    again.reports(turnEnded(2, "end_turn", null));
    again.happens({ type: "deliver_requested" });
    again.reports(delivered);
    expect(again.step).toBe("completed");
  });
});

describe("a turn that stalls, or whose agent ends, while its model fails", () => {
  it("stalled is not started again: another agent would have the same model", () => {
    const life = lifeIn("running", {}, { modelFailingMs: 60 * minute });
    life.reports(modelFails(1, "no_answer"));
    life.looksUntilItMoves();
    expect(life.facts.pendingFailure?.reason).toBe("model_unavailable");
    expect(life.commands.filter((body) => body.type === "start_agent")).toHaveLength(1);
  });

  it("ended twice is the model's doing, and the evidence has both", () => {
    const life = lifeIn("running");
    life.reports(modelFails(1, "unavailable"), agentGone(1), agentReady(2, true), modelFails(2, "unavailable"));
    life.reports(agentGone(2));
    expect(life.facts.pendingFailure).toMatchObject({
      reason: "model_unavailable",
      evidence: expect.stringContaining("exited with 1"),
    });
  });
});
