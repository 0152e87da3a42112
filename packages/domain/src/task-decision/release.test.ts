/** A task that nobody answers lets its machine go, the work saved, and comes back with what its user then says. */
import { describe, expect, it } from "vitest";

import { isAway } from "../return.ts";
import {
  agentReady,
  asks,
  commandFailed,
  goodDelivery,
  lifeIn,
  node,
  otherNodeId,
  released,
  tornDown,
  turnEnded,
  update,
  type TaskLife,
} from "../testing/task-life.ts";
import { canDeliver, canInterrupt, canSay } from "../user-may.ts";

const yes = {
  type: "answered",
  requestId: "q1",
  optionId: "yes",
  by: "user",
  summary: "It works on the clock.",
} as const;
const says = (text: string) =>
  ({ type: "follow_up", text, interrupt: false, key: null, summary: "It was at it." }) as const;

/** Nobody answers until the machine is due to be released. */
function nobodyAnswers(life: TaskLife): void {
  life.looksUntil(() => life.facts.away !== null);
}

/** A task whose machine was released, its work saved. */
function away(mode: "task" | "conversation" = "task"): TaskLife {
  const life = lifeIn("awaiting_input", { mode });
  nobodyAnswers(life);
  life.reports(...tornDown);
  life.happens(released());
  return life;
}

/** A node is found, and goes as far as its agent: events there are numbered from 1. */
function comesBack(life: TaskLife, on = otherNodeId): void {
  life.happens({ type: "node_claimed", node: node("ready", { nodeId: on }) });
  life.numbersAnew();
  life.reports({ type: "workspace_accepted" });
  life.reports({ type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w" });
}

describe("a task that nobody answers", () => {
  it("lets its machine go after the setting, the work saved first; it goes on waiting, and its deadline stands", () => {
    const life = lifeIn("awaiting_input");
    const { deadlineAt, version, clocks } = life.facts;
    expect(life.facts.releaseAt).toBe(clocks.inStateSince + life.settings.awaitingReleaseMs);
    nobodyAnswers(life);
    expect(life.facts.away).toMatchObject({ state: "saving", since: life.now });
    expect(life.commands.at(-1)).toMatchObject({ type: "tear_down" });
    life.reports(...tornDown);
    expect(life.countOf("release_node")).toBe(1);
    life.happens(released());
    expect(life.facts.away).toMatchObject({ state: "released", releasedAt: life.now });
    expect(life.facts).toMatchObject({
      step: "awaiting_input",
      nodeId: null,
      deadlineAt,
      version,
      savedRef: "refs/sam/saved",
    });
    expect(life.facts.permission?.requestId).toBe("q1");
    expect(life.notes.at(-1)).toContain("refs/sam/saved");
    expect(life.facts.receipt).toEqual([]);
  });

  it("that is answered in time keeps it, and the next wait has its full time", () => {
    const life = lifeIn("awaiting_input");
    life.happens(yes, life.settings.awaitingReleaseMs - 1_000);
    expect(life.facts.releaseAt).toBeNull();
    life.reports(asks("q2"));
    expect(life.facts.releaseAt).toBe(life.now + life.settings.awaitingReleaseMs);
  });

  it("hears nothing of the agent that is ended for it any more", () => {
    const life = lifeIn("awaiting_input");
    nobodyAnswers(life);
    life.reports(turnEnded(1), asks("q9"), { type: "permission_settled", requestId: "q7", optionId: null });
    expect(life.step).toBe("awaiting_input");
    expect(life.facts).toMatchObject({ permission: { requestId: "q1" }, furtherPermissions: [] });
  });

  it("is brought back at the deadline of its step, and what there is delivered and judged, as if it had kept its machine", () => {
    const life = away();
    life.looksUntilItMoves();
    expect(life.step).toBe("node_selection");
    comesBack(life);
    life.reports({ type: "delivered", verdicts: goodDelivery });
    expect(life.facts).toMatchObject({ step: "failed", failure: { reason: "input_timeout" } });
    const conversation = away("conversation");
    conversation.looksUntilItMoves();
    comesBack(conversation);
    conversation.reports({ type: "delivered", verdicts: goodDelivery });
    expect(conversation.step).toBe("completed");
  });

  it("whose VM agent never says that the work is saved fails at that deadline", () => {
    const life = lifeIn("awaiting_input");
    life.looksUntilItMoves();
    expect(life.facts).toMatchObject({ step: "failed", failure: { reason: "input_timeout" } });
  });

  it("can be cancelled: the lines that were proven when it was let go are its receipt", () => {
    const life = away();
    life.happens({ type: "cancel_requested", by: "user" });
    expect(life.step).toBe("cancelled");
    expect(life.facts.unproven).toEqual([]);
    expect(life.facts.receipt.map(({ line }) => line)).toEqual([
      "signal_sent",
      "processes_gone",
      "workspace_saved",
      "workspace_removed",
      "machine_released",
    ]);
  });

  it("can be cancelled in the middle of that: what was proven by then comes first in its receipt", () => {
    const life = lifeIn("awaiting_input");
    nobodyAnswers(life);
    life.reports(...tornDown.slice(0, 3));
    life.happens({ type: "cancel_requested", by: "user" });
    life.reports(...tornDown.slice(3, 4));
    const lines = ["signal_sent", "processes_gone", "workspace_saved", "workspace_removed"];
    expect(life.facts.receipt.map(({ line }) => line)).toEqual(lines);
    life.reports(...tornDown.slice(4));
    life.happens(released());
    expect(life.facts).toMatchObject({ step: "cancelled", unproven: [] });
  });

  it("fails in the middle of that where its machine has to go, with what was proven by then first in its receipt", () => {
    const life = lifeIn("awaiting_input");
    nobodyAnswers(life);
    life.reports(...tornDown.slice(0, 3));
    life.happens({ type: "node_observed", node: { ...node("draining"), mustGo: true } });
    expect(life.step).toBe("failed");
    life.reports(...tornDown.slice(3, 4));
    expect(life.facts.receipt.map(({ line }) => line)).toEqual([
      "signal_sent",
      "processes_gone",
      "workspace_saved",
      "workspace_removed",
    ]);
  });

  it("offers what brings it back, and no more", () => {
    const { facts } = away();
    expect([canSay(facts), canInterrupt(facts), canDeliver(facts)]).toEqual(["next_turn", false, false]);
    expect(canDeliver(away("conversation").facts)).toBe(true);
  });
});

describe("an answer to a task that was let go", () => {
  it("brings it back on another node, with its workspace, its session loaded again, and the answer told once", () => {
    const life = away();
    life.happens(yes);
    expect(life.steps.at(-1)).toBe("node_selection");
    expect(life.facts.replies).toMatchObject([{ requestId: "q1", commandId: null, onMachineAt: null }]);
    comesBack(life);
    expect(life.lastCommand("create_workspace")).toMatchObject({ comesBack: true });
    expect(life.lastCommand("start_agent")).toMatchObject({ incarnation: 2, loadSessionId: "session-1" });
    life.reports(agentReady(2, true));
    expect(life.steps.slice(-5)).toEqual([
      "node_selection",
      "workspace_creation",
      "workspace_ready",
      "agent_session",
      "running",
    ]);
    const prompt = life.lastCommand("prompt");
    expect(prompt.text).toContain("Run npm install?");
    expect(prompt.text).toContain("The answer is: allow_once");
    expect(prompt.text).not.toContain("It works on the clock.");
    expect(life.facts.comesBackFor).toBeNull();
    expect(life.facts.replies[0]?.commandId).not.toBeNull();
    life.reports(update(prompt.turn), turnEnded(prompt.turn));
    expect(life.step).toBe("delivery");
  });

  it("to an agent that cannot load its session goes with a summary, and the conversation says so", () => {
    const life = away();
    life.happens(yes);
    comesBack(life);
    life.reports(agentReady(2, false));
    const { text } = life.lastCommand("prompt");
    expect(text).toMatch(/^It works on the clock\.\n\n/);
    expect(text).toContain("The answer is: allow_once");
    expect(life.notes.join("\n")).toContain("told a summary of what came before");
  });

  it("given while it still lets go is kept, and brings it back once that is done", () => {
    const life = lifeIn("awaiting_input");
    nobodyAnswers(life);
    life.happens(yes);
    expect(life.facts).toMatchObject({ step: "awaiting_input", permission: null, comesBackFor: { kind: "answer" } });
    life.reports(...tornDown);
    life.happens(released());
    expect(life.step).toBe("node_selection");
    expect(isAway(life.facts)).toBe(false);
  });

  it("counts once: a second one changes nothing, and the very same question need not be answered again", () => {
    const life = away();
    life.happens(yes);
    const before = life.facts;
    life.happens({ ...yes, optionId: null });
    expect({ ...life.facts }).toEqual(before);
    comesBack(life);
    life.reports(agentReady(2, true), asks("q5"));
    expect(life.step).toBe("running");
    expect(life.lastCommand("answer")).toEqual({ type: "answer", requestId: "q5", optionId: "yes" });
    life.reports({ ...asks("q6"), title: "Run npm publish?" });
    expect(life.step).toBe("awaiting_input");
  });

  it("has what is left of its turn's time", () => {
    const life = away();
    const leftMs = life.facts.turn?.leftMs ?? 0;
    life.happens(yes, 3_600_000);
    comesBack(life);
    life.reports(agentReady(2, true));
    expect(life.facts.deadlineAt).toBe(life.now + leftMs);
  });
});

describe("words to a task that was let go", () => {
  it("begin its next turn on the node that it comes back to", () => {
    const life = away("conversation");
    life.happens(says("Now the docs"));
    expect(life.step).toBe("node_selection");
    comesBack(life);
    life.reports(agentReady(2, true));
    expect(life.lastCommand("prompt")).toMatchObject({ turn: 2, text: "Now the docs" });
    expect(life.said("prompt").map(({ text }) => text)).toEqual([life.facts.request.prompt, "Now the docs"]);
    expect(life.facts.replies).toMatchObject([{ turn: 2 }]);
  });

  it("close the question that was open, and are told with what waited for that turn", () => {
    const life = lifeIn("awaiting_input");
    life.happens(says("And the tests"));
    nobodyAnswers(life);
    life.reports(...tornDown);
    life.happens(released());
    life.happens(says("Never mind. The docs"));
    expect(life.facts.permission).toBeNull();
    comesBack(life);
    life.reports(agentReady(2, true));
    expect(life.lastCommand("prompt").text).toBe("And the tests\n\nNever mind. The docs");
  });

  it("that no machine is found for in time are missed, and that is said", () => {
    const life = away("conversation");
    life.happens(says("Now the docs"));
    expect(life.notes.at(-1)).toContain("Now the docs");
    life.looksUntilItMoves();
    expect(life.step).toBe("failed");
    expect(life.notes.join("\n")).toContain("was not told to the agent. Say it again");
    expect(life.facts.replies[0]?.missed?.why).toContain("no turn follows");
  });

  it("are not wanted for a delivery: what was saved is brought back and delivered, without an agent", () => {
    const life = away("conversation");
    life.happens({ type: "deliver_requested" });
    comesBack(life);
    expect(life.step).toBe("delivery");
    life.reports({ type: "delivered", verdicts: goodDelivery });
    expect(life.step).toBe("completed");
  });
});

describe("work that cannot be saved", () => {
  const refused = commandFailed("tear_down", { evidence: "the disk is full" });

  it("keeps the machine, and that is said; it is tried again first where that may help", () => {
    const life = lifeIn("awaiting_input");
    nobodyAnswers(life);
    life.reports({ ...refused, retryable: true });
    expect(life.facts.away?.state).toBe("saving");
    life.looksUntil(() => life.commands.filter(({ type }) => type === "tear_down").length === 2);
    life.reports(refused);
    expect(life.facts).toMatchObject({
      step: "awaiting_input",
      away: null,
      kept: { at: life.now, why: "the disk is full" },
    });
    expect(life.countOf("release_node")).toBe(0);
    expect(life.notes.at(-1)).toContain("The machine is kept");
  });

  it("is gone on with where it is: an answer starts the agent again in that workspace", () => {
    const life = lifeIn("awaiting_input");
    const { nodeId } = life.facts;
    nobodyAnswers(life);
    life.reports(refused);
    life.happens(yes);
    expect(life.facts).toMatchObject({ step: "workspace_creation", nodeId });
    expect(life.countOf("select_node")).toBe(1);
    life.reports({ type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w" }, agentReady(2, true));
    expect(life.lastCommand("prompt").text).toContain("The answer is: allow_once");
  });

  it("with the machine that it is on is lost like that of any other task", () => {
    const life = lifeIn("awaiting_input");
    nobodyAnswers(life);
    life.happens({
      type: "node_observed",
      node: node("destroyed", { failure: "contact_lost", detail: "no heartbeat" }),
    });
    expect(life.facts).toMatchObject({ step: "failed", failure: { reason: "node_lost" } });
  });
});
