/** What the user says in mid-turn: it is not lost, it is told once and in order, and an interruption leads to them. */
import { describe, expect, it } from "vitest";

import {
  agentGone,
  agentReady,
  asks,
  goodDelivery,
  keepsMachine,
  lifeIn,
  type TaskLife,
  turnEnded,
  update,
} from "../testing/task-life.ts";
import { maxWaitingLength } from "../user-may.ts";

const says = (text: string, interrupt = false) => ({ type: "follow_up", text, interrupt, key: null }) as const;
const interrupts = { type: "interrupt_requested" } as const;
const both = ["task", "conversation"] as const;
const counts = (life: TaskLife, type: string) => life.commands.filter((body) => body.type === type).length;

describe("what is said while a turn runs", () => {
  it.each(both)("in %s mode is shown at once, waits for its end, and is told in order as one turn", (mode) => {
    const life = lifeIn("running", { mode });
    life.happens(says("And the tests?"));
    life.happens(says("And the docs?"));
    expect(life.facts.waitingTexts).toEqual(["And the tests?", "And the docs?"]);
    expect(life.notes.slice(-2).map((note) => note.split(": ")[1])).toEqual(["And the tests?", "And the docs?"]);
    expect(counts(life, "prompt")).toBe(1);
    const { version } = life.facts;
    life.reports(turnEnded(1));
    expect(life.step).toBe("running");
    expect(life.facts.version).toBe(version);
    expect(life.lastCommand("prompt")).toEqual({
      type: "prompt",
      turn: 2,
      text: "And the tests?\n\nAnd the docs?",
      resume: false,
    });
    expect(life.facts.waitingTexts).toEqual([]);
    expect(life.said("prompt")).toHaveLength(2);
    life.reports(turnEnded(2));
    expect(life.step).toBe(mode === "task" ? "delivery" : "awaiting_input");
  });

  it("begins a turn that has its full time, and its one restart", () => {
    const life = lifeIn("running");
    life.reports(agentGone(1), agentReady(2, true));
    life.happens(says("More"), 3_600_000);
    life.reports(turnEnded(2));
    expect(life.facts.deadlineAt).toBe(life.now + life.settings.turnMs);
    expect(life.facts.progressDeadlineAt).toBe(life.now + life.settings.turnStallMs);
    life.reports(agentGone(2));
    expect(life.step).toBe("running");
    expect(life.facts.agent).toMatchObject({ incarnation: 3, restarts: 1 });
  });

  it("leaves an open question open, and is told when that turn has ended", () => {
    const life = lifeIn("awaiting_input");
    life.happens(says("Use pnpm"));
    expect(life.facts.permission?.requestId).toBe("q1");
    life.happens({ type: "answered", requestId: "q1", optionId: "yes", by: "user" });
    life.reports(turnEnded(1));
    expect(life.lastCommand("prompt").text).toBe("Use pnpm");
  });

  it("goes on after a turn that ended with a question open", () => {
    const life = lifeIn("awaiting_input");
    life.happens(says("Use pnpm"));
    life.reports(turnEnded(1, "cancelled"));
    expect(life.step).toBe("running");
    expect(life.facts.permission).toBeNull();
    expect(life.lastCommand("prompt").text).toBe("Use pnpm");
  });

  it("outlives a restart of its agent", () => {
    const life = lifeIn("running");
    life.happens(says("More"));
    life.reports(update(1), agentGone(1), agentReady(2, true));
    expect(life.lastCommand("prompt").text).toBe("continue");
    life.reports(turnEnded(2));
    expect(life.lastCommand("prompt").text).toBe("More");
  });

  it("is said to be untold where the task ends instead", () => {
    const ends: readonly ((life: TaskLife) => void)[] = [
      (life) => life.happens({ type: "cancel_requested", by: "user" }),
      (life) => life.reports(agentGone(1), agentReady(2), agentGone(2)),
      (life) => life.happens({ type: "ended_by_sweep" }),
    ];
    for (const end of ends) {
      const life = lifeIn("running");
      life.happens(says("More"));
      end(life);
      expect(life.facts.waitingTexts).toEqual([]);
      expect(life.notes.filter((note) => note.includes("was not told to the agent"))).toHaveLength(1);
    }
  });

  it("under a key is taken once, in mid-turn and between two turns", () => {
    const life = lifeIn("running", { mode: "conversation" });
    const keyed = (key: string) => ({ ...says("More"), key });
    life.happens(keyed("a"));
    life.happens(keyed("a"));
    expect(life.facts.waitingTexts).toEqual(["More"]);
    life.reports(turnEnded(1), turnEnded(2));
    life.happens(keyed("a"));
    expect(life.step).toBe("awaiting_input");
    life.happens(keyed("b"));
    life.happens(keyed("b"));
    expect(life.said("prompt")).toHaveLength(3);
    expect(life.facts.waitingTexts).toEqual([]);
  });

  it("is no longer in all than one prompt may be", () => {
    const life = lifeIn("running");
    life.happens(says("a".repeat(maxWaitingLength - 10)));
    life.happens(says("b".repeat(100)));
    expect(life.facts.waitingTexts).toHaveLength(1);
  });
});

describe("an interruption", () => {
  it.each(both)("in %s mode cancels the turn, and its end leads to the user", (mode) => {
    const life = lifeIn("running", { mode });
    life.happens(interrupts);
    life.happens(interrupts);
    expect(counts(life, "cancel_turn")).toBe(1);
    expect(life.step).toBe("running");
    life.reports(turnEnded(1, "cancelled"));
    expect(life.step).toBe("awaiting_input");
    expect(life.facts.verdicts.ended).toMatchObject({
      holds: true,
      detail: expect.stringContaining("you interrupted"),
    });
    life.happens(says("Now in blue"));
    expect(life.lastCommand("prompt")).toMatchObject({ turn: 2, text: "Now in blue" });
    life.reports(turnEnded(2));
    expect(life.step).toBe(mode === "task" ? "delivery" : "awaiting_input");
  });

  it("with something to say leads to that at once", () => {
    const life = lifeIn("running");
    life.happens(says("First this"));
    life.happens(says("Stop. The tests first.", true));
    expect(life.lastCommand("cancel_turn")).toMatchObject({ turn: 1 });
    life.reports(turnEnded(1, "cancelled"));
    expect(life.step).toBe("running");
    expect(life.lastCommand("prompt")).toMatchObject({ turn: 2, text: "First this\n\nStop. The tests first." });
  });

  it("that comes when the turn has just ended by itself leads to the user all the same", () => {
    const life = lifeIn("running");
    life.happens(interrupts);
    life.reports(turnEnded(1, "end_turn"));
    expect(life.step).toBe("awaiting_input");
  });

  it("of a turn that waits for an answer closes the question: nobody is asked, and nothing is allowed by a policy", () => {
    const life = lifeIn("running", { permissionPolicy: "allow_edits" });
    life.reports(asks("q1"));
    life.happens(interrupts);
    expect(life.step).toBe("running");
    expect(life.facts.permission).toBeNull();
    expect(life.said("permission_settled")).toMatchObject([{ requestId: "q1", optionId: null, by: "sam" }]);
    life.reports(asks("q2", { toolKind: "edit", insideWorkspace: true, sandboxed: true }));
    expect(life.step).toBe("running");
    expect(life.lastCommand("answer")).toMatchObject({ requestId: "q2", optionId: null });
    life.reports(turnEnded(1, "cancelled"));
    expect(life.step).toBe("awaiting_input");
  });

  it("delivered afterwards completes by its verdicts; forgotten for seven days it does not", () => {
    const asked = lifeIn("running");
    asked.happens(interrupts);
    asked.reports(turnEnded(1, "cancelled"));
    asked.happens({ type: "deliver_requested" });
    asked.reports({ type: "delivered", verdicts: goodDelivery });
    expect(asked.step).toBe("completed");
    const forgotten = lifeIn("running", {}, keepsMachine);
    forgotten.happens(interrupts);
    forgotten.reports(turnEnded(1, "cancelled"));
    forgotten.looksUntilItMoves();
    expect(forgotten.facts.pendingFailure?.reason).toBe("input_timeout");
  });

  it("does not make a success of what the agent reports as failed", () => {
    const life = lifeIn("running");
    life.happens(interrupts);
    life.reports({ ...turnEnded(1, "cancelled"), reportedFailure: "block 2 exited with 1" });
    expect(life.facts.verdicts.ended?.holds).toBe(false);
  });
});

describe("a turn that was cancelled, but not by its user", () => {
  it("stays what it was: delivered, and failed", () => {
    const life = lifeIn("running");
    life.reports(turnEnded(1, "cancelled"));
    expect(life.step).toBe("delivery");
    life.reports({ type: "delivered", verdicts: goodDelivery });
    expect(life.facts.failure?.reason).toBe("agent_reported_failure");
  });
});

describe("an interrupted turn that its agent does not end", () => {
  it("ends with the agent, which is no failure: the user's turn, and another agent when they speak", () => {
    const life = lifeIn("running");
    life.happens(interrupts);
    life.reports(agentGone(1));
    expect(life.step).toBe("awaiting_input");
    expect(counts(life, "start_agent")).toBe(1);
    life.happens(says("Go on"));
    expect(life.lastCommand("start_agent")).toMatchObject({ incarnation: 2, loadSessionId: "session-1" });
    life.reports(agentReady(2, true));
    expect(life.lastCommand("prompt")).toMatchObject({ turn: 2, text: "Go on", resume: false });
    expect(life.facts.agent?.restarts).toBe(0);
  });

  it("has another agent at once where something was said", () => {
    const life = lifeIn("running");
    life.happens(says("Stop. The tests first.", true));
    life.reports(agentGone(1));
    expect(life.step).toBe("running");
    expect(life.facts.agent).toMatchObject({ incarnation: 2, state: "starting", restarts: 0 });
    life.reports(agentReady(2, false));
    expect(life.lastCommand("prompt").text).toContain("Stop. The tests first.");
    life.reports(agentGone(2));
    expect(life.facts.agent).toMatchObject({ incarnation: 3, restarts: 1 });
  });

  it("and that nobody hears of is given up at the stall's limit: it waits for the user, and for nothing else", () => {
    const life = lifeIn("running");
    life.happens(interrupts);
    life.looksUntilItMoves();
    expect(life.step).toBe("awaiting_input");
    expect(life.facts.agent?.state).toBe("gone");
    life.reports(turnEnded(1, "cancelled"), agentGone(1), update(1));
    expect(life.step).toBe("awaiting_input");
    expect(life.facts.agent).toMatchObject({ incarnation: 1, state: "gone" });
  });

  it("at the limit of the turn waits for the user too", () => {
    const life = lifeIn("running", {}, { turnMs: 60_000 });
    life.happens(interrupts);
    life.looksUntilItMoves();
    expect(life.step).toBe("awaiting_input");
  });

  it("because it is just being started again is over at once", () => {
    const life = lifeIn("running");
    life.reports(agentGone(1));
    life.happens(interrupts);
    expect(life.step).toBe("awaiting_input");
    expect(counts(life, "cancel_turn")).toBe(0);
    life.happens(says("Go on"));
    expect(counts(life, "start_agent")).toBe(2);
    expect(counts(life, "prompt")).toBe(1);
    life.reports(agentReady(2, true));
    expect(life.lastCommand("prompt")).toMatchObject({ text: "Go on" });
  });
});
