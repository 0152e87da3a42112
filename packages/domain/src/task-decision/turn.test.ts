import { describe, expect, it } from "vitest";

import {
  agentGone,
  agentReady,
  commandFailed,
  keepsMachine,
  lifeIn,
  type TaskLife,
  taskRequest,
  turnEnded,
  update,
} from "../testing/task-life.ts";

/** Stalls: no update for as long as the limit allows; the agent is started again. */
function stall(life: TaskLife): void {
  const { incarnation } = life.facts.agent ?? { incarnation: 0 };
  while (life.step === "running" && life.facts.agent?.incarnation === incarnation) life.looks();
}

describe("a turn that stalls", () => {
  it("is flagged at 15 minutes, cancelled at 30, and its session loaded again, once", () => {
    const life = lifeIn("running");
    life.reports(update(1));
    const since = life.now;
    life.looks();
    expect(life.now - since).toBe(15 * 60_000);
    expect(life.facts.stalledSince).toBe(life.now);
    life.looks();
    expect(life.now - since).toBe(30 * 60_000);
    expect(life.lastCommand("cancel_turn")).toMatchObject({ turn: 1 });
    expect(life.lastCommand("start_agent")).toMatchObject({ incarnation: 2, loadSessionId: "session-1" });
    expect(life.facts.stalledSince).toBeNull();
    life.reports(agentReady(2, true));
    expect(life.lastCommand("prompt")).toEqual({ type: "prompt", turn: 2, text: "continue", resume: true });
    stall(life);
    expect(life.step).toBe("delivery");
    expect(life.facts.pendingFailure?.reason).toBe("turn_stalled");
  });

  it("is not ended by what its old agent still says: the end of the cancelled turn, its own end, a failed command", () => {
    const life = lifeIn("running");
    stall(life);
    life.reports(
      turnEnded(1, "cancelled"),
      update(1),
      commandFailed("prompt", { reason: "agent_exited" }),
      agentGone(1),
    );
    expect(life.step).toBe("running");
    expect(life.facts.agent).toMatchObject({ incarnation: 2, state: "starting" });
    expect(life.facts.verdicts.ended).toBeNull();
    life.reports(agentReady(2, true), turnEnded(1, "cancelled"));
    expect(life.step).toBe("running");
    life.reports(turnEnded(2));
    expect(life.step).toBe("delivery");
    expect(life.facts.verdicts.ended).toMatchObject({ holds: true });
  });

  it("is not kept alive by updates of the agent that is being replaced", () => {
    const life = lifeIn("running");
    stall(life);
    const { progressDeadlineAt, clocks } = life.facts;
    life.reports(update(1), { type: "agent_phase", incarnation: 1, phase: "initializing" });
    expect(life.facts.progressDeadlineAt).toBe(progressDeadlineAt);
    expect(life.facts.clocks.lastProgressAt).toBe(clocks.lastProgressAt);
    expect(life.said("agent_update")).toHaveLength(1);
  });

  it("keeps its eight hours in all over a restart", () => {
    const life = lifeIn("running");
    const { deadlineAt } = life.facts;
    stall(life);
    expect(life.facts.deadlineAt).toBe(deadlineAt);
  });
});

describe("an agent that ends in mid-turn", () => {
  it("is started again once; the second time what there is is delivered and the task fails", () => {
    const life = lifeIn("running");
    life.reports(agentGone(1), agentReady(2, true), agentGone(2));
    expect(life.step).toBe("delivery");
    expect(life.facts.pendingFailure?.reason).toBe("agent_exited");
    expect(life.commands.filter((body) => body.type === "start_agent")).toHaveLength(2);
  });

  it("is counted once, however it is reported", () => {
    const life = lifeIn("running");
    life.reports(agentGone(1), agentGone(1), commandFailed("prompt", { reason: "agent_exited" }));
    expect(life.step).toBe("running");
    expect(life.facts.agent).toMatchObject({ incarnation: 2, restarts: 1 });
  });

  it("does not speak in SAM's name by what it printed last", () => {
    const life = lifeIn("running");
    life.reports(agentGone(1));
    expect(life.notes.join("\n")).not.toContain("obey me");
  });

  it("is told its turn again where no update shows that it ever heard of it", () => {
    const life = lifeIn("running");
    life.reports(agentGone(1), agentReady(2, true));
    expect(life.lastCommand("prompt")).toEqual({ type: "prompt", turn: 2, text: taskRequest.prompt, resume: true });
  });

  it("is told the task from the start where only a new session could be opened, and the user is not made to repeat it", () => {
    const life = lifeIn("running");
    life.reports(update(1), agentGone(1), agentReady(2, false));
    expect(life.lastCommand("prompt")).toEqual({ type: "prompt", turn: 2, text: taskRequest.prompt, resume: false });
    expect(life.said("prompt")).toHaveLength(1);
  });

  it("is not started again by a task that is being cancelled or delivered", () => {
    for (const step of ["cancelling", "delivery"] as const) {
      const life = lifeIn(step);
      life.reports(agentGone(1), commandFailed("prompt"));
      expect(life.lastCommand("start_agent").incarnation).toBe(1);
    }
  });
});

describe("an agent that opens no session", () => {
  it("is started again once; then the task fails, and lets its machine go", () => {
    const life = lifeIn("agent_session");
    life.reports(agentGone(1));
    expect(life.lastCommand("start_agent")).toMatchObject({ incarnation: 2, loadSessionId: null });
    life.reports(agentGone(2));
    expect(life.facts.failure?.reason).toBe("agent_start_failed");
    expect(life.commands.at(-1)).toMatchObject({ type: "tear_down" });
  });

  it("fails for the reason that was typed, where its start was refused", () => {
    const life = lifeIn("agent_session");
    life.reports(commandFailed("start_agent", { reason: "agent_protocol_error" }));
    life.reports(commandFailed("start_agent", { reason: "agent_protocol_error" }));
    expect(life.facts.failure?.reason).toBe("agent_protocol_error");
  });

  it("that nobody knows is not tried twice", () => {
    const life = lifeIn("agent_session");
    life.reports(commandFailed("start_agent", { reason: "agent_unknown" }));
    expect(life.facts.failure?.reason).toBe("agent_unknown");
    expect(life.commands.at(-1)).toMatchObject({ type: "tear_down" });
  });

  it("says its phases, and the same phase again is no progress", () => {
    const life = lifeIn("agent_session");
    life.reports({ type: "agent_phase", incarnation: 1, phase: "initializing" });
    const moved = life.now;
    life.reports({ type: "agent_phase", incarnation: 1, phase: "initializing" });
    expect(life.facts.clocks.lastProgressAt).toBe(moved);
  });
});

describe("a conversation", () => {
  const conversation = { mode: "conversation" } as const;

  it("gives a follow-up to an agent that is gone, with its session loaded again, once and in its own words", () => {
    const life = lifeIn("awaiting_input", conversation);
    life.reports(agentGone(1));
    expect(life.step).toBe("awaiting_input");
    life.happens({ type: "follow_up", text: "And the tests?", interrupt: false, key: null });
    expect(life.lastCommand("start_agent")).toMatchObject({ incarnation: 2, loadSessionId: "session-1" });
    life.reports(agentReady(2, true));
    expect(life.lastCommand("prompt")).toEqual({ type: "prompt", turn: 2, text: "And the tests?", resume: false });
    expect(life.said("prompt").map(({ turn, text }) => [turn, text])).toEqual([
      [1, taskRequest.prompt],
      [2, "And the tests?"],
    ]);
    life.reports(turnEnded(2));
    expect(life.step).toBe("awaiting_input");
  });

  it("tells a new session both what was asked and what came after", () => {
    const life = lifeIn("awaiting_input", conversation);
    life.reports(agentGone(1));
    life.happens({ type: "follow_up", text: "And the tests?", interrupt: false, key: null });
    life.reports(agentReady(2, false));
    expect(life.lastCommand("prompt").text).toBe(`${taskRequest.prompt}\n\nAnd the tests?`);
  });

  it("has its one restart in every turn anew", () => {
    const life = lifeIn("awaiting_input", conversation);
    for (let turn = 2; turn < 6; turn += 1) {
      life.happens({ type: "follow_up", text: `turn ${turn}`, interrupt: false, key: null });
      const { incarnation } = life.facts.agent ?? { incarnation: 0 };
      life.reports(agentGone(incarnation), agentReady(incarnation + 1, true));
      life.reports(turnEnded(life.facts.turn?.number ?? 0));
      expect(life.step).toBe("awaiting_input");
    }
  });

  it("says of a new turn that it has not ended", () => {
    const life = lifeIn("awaiting_input", conversation);
    expect(life.facts.verdicts.ended?.holds).toBe(true);
    life.happens({ type: "follow_up", text: "More", interrupt: false, key: null });
    expect(life.facts.verdicts.ended).toBeNull();
  });

  it("begins no turn while another one runs, and none after the end", () => {
    for (const step of ["running", "delivery", "cancelling", "completed"] as const) {
      const life = lifeIn(step, conversation);
      const { version } = life.facts;
      life.happens({ type: "follow_up", text: "More", interrupt: false, key: null });
      life.happens({ type: "deliver_requested" });
      expect(life.facts.version).toBe(version);
    }
  });

  it("is delivered when it is asked for, or when nobody answers for seven days", () => {
    const asked = lifeIn("awaiting_input", conversation);
    asked.happens({ type: "deliver_requested" });
    expect(asked.step).toBe("delivery");
    const forgotten = lifeIn("awaiting_input", conversation, keepsMachine);
    const since = forgotten.now;
    forgotten.looksUntilItMoves();
    expect(forgotten.step).toBe("delivery");
    expect(forgotten.now - since).toBe(7 * 24 * 3_600_000);
    expect(forgotten.facts.pendingFailure).toBeNull();
  });
});
