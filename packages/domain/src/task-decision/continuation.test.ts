/** A finished task is continued by exactly one other, on its branch, with its session or with a summary. */
import { describe, expect, it } from "vitest";

import type { Continuation, TaskRequest } from "../task-facts.ts";
import {
  agentGone,
  agentReady,
  commandFailed,
  goodDelivery,
  lifeIn,
  nextTaskId,
  node,
  nodeId,
  otherNodeId,
  otherTaskId,
  taskId,
  taskRequest,
  TaskLife,
  update,
} from "../testing/task-life.ts";

const continued = (by = nextTaskId, text = "Now the docs") =>
  ({ type: "continued", by, text, summary: "It fixed the clock." }) as const;

/** @returns the request of the task that continues this one. */
function begunBy(life: TaskLife): TaskRequest {
  const begun = life.effects.flatMap(({ effect }) => (effect.kind === "begin_task" ? [effect.request] : []));
  const [request] = begun;
  if (request === undefined || begun.length > 1) throw new Error(`${begun.length} tasks were begun`);
  return request;
}

const continues: Continuation = {
  taskId,
  rootTaskId: otherTaskId,
  branch: "sam/fix-the-clock-0000000005",
  sessionId: "session-7",
  nodeId,
  summary: "It fixed the clock.",
};
const next = { taskId: nextTaskId, prompt: "Now the docs", continues };

describe("a task that has not ended", () => {
  it("is not continued", () => {
    for (const step of ["running", "awaiting_input", "delivery", "cancelling"] as const) {
      const life = lifeIn(step);
      life.happens(continued());
      expect(life.facts.continuedBy).toBeNull();
      expect(life.countOf("begin_task")).toBe(0);
    }
  });
});

describe("a task that has ended", () => {
  it("is continued once: by the first who asks, however often they ask", () => {
    const life = lifeIn("completed");
    life.happens(continued());
    life.happens(continued());
    life.happens(continued(otherTaskId));
    expect(life.facts.continuedBy).toBe(nextTaskId);
    expect(begunBy(life).taskId).toBe(nextTaskId);
    expect(life.step).toBe("completed");
  });

  it("hands on its branch, which the remote has, its project, its agent's session and its node", () => {
    const life = lifeIn("completed");
    life.happens(continued());
    expect(begunBy(life)).toEqual({
      ...taskRequest,
      taskId: nextTaskId,
      prompt: "Now the docs",
      repository: { ...taskRequest.repository, branch: life.facts.branch },
      continues: {
        taskId,
        rootTaskId: taskId,
        branch: life.facts.branch,
        sessionId: "session-1",
        nodeId,
        summary: "It fixed the clock.",
      },
    });
  });

  it("that was cancelled while it pushed goes on from what the remote has", () => {
    const life = lifeIn("delivery");
    life.happens({ type: "cancel_requested", by: "user" });
    life.reports({ type: "delivered", verdicts: goodDelivery }, { type: "torn_down", savedRef: null });
    life.happens({ type: "node_released", nodeId, proof: "released" });
    expect(life.step).toBe("cancelled");
    life.happens(continued());
    expect(begunBy(life).repository.branch).toBe(life.facts.branch);
  });

  it("of which nothing was pushed begins again where it did, on its own branch", () => {
    const life = lifeIn("running", { repository: { url: "/srv/clock.git", branch: "develop" } });
    life.happens({ type: "cancel_requested", by: "user" });
    life.happens({ type: "ended_by_sweep" });
    life.happens(continued());
    expect(begunBy(life).repository.branch).toBe("develop");
    expect(begunBy(life).continues?.branch).toBe(life.facts.branch);
    const then = new TaskLife(begunBy(life));
    expect(then.notes[0]).toContain("Nothing of it was pushed, so it begins at develop");
  });

  it("whose agent can load no session hands on none", () => {
    const life = lifeIn("agent_session");
    life.reports({ ...agentReady(1), canLoadSession: false });
    life.happens({ type: "ended_by_sweep" });
    life.happens(continued());
    expect(begunBy(life).continues?.sessionId).toBeNull();
  });

  it("that never had an agent of its own hands on what it was given", () => {
    const life = lifeIn("node_selection", next);
    life.happens({ type: "ended_by_sweep" });
    life.happens(continued(otherTaskId));
    expect(begunBy(life).continues).toMatchObject({
      taskId: nextTaskId,
      rootTaskId: otherTaskId,
      sessionId: "session-7",
      nodeId,
    });
  });

  it("can be continued again where the other's id stood for something else; the text is shown", () => {
    const life = lifeIn("completed");
    life.happens(continued());
    life.happens({ type: "continuation_refused", by: otherTaskId, text: "Now the docs" });
    expect(life.facts.continuedBy).toBe(nextTaskId);
    life.happens({ type: "continuation_refused", by: nextTaskId, text: "Now the docs" });
    expect(life.facts.continuedBy).toBeNull();
    expect(life.notes.at(-1)).toContain("Now the docs");
    life.happens(continued(otherTaskId));
    expect(life.facts.continuedBy).toBe(otherTaskId);
  });
});

describe("a task that continues another", () => {
  it("has its branch, its workspace's place and its agent's home, and loads its session", () => {
    const life = lifeIn("agent_session", next);
    expect(life.facts.branch).toBe(continues.branch);
    expect(life.lastCommand("create_workspace")).toMatchObject({
      branch: continues.branch,
      workspaceId: `ws_${otherTaskId.slice("task_".length)}`,
    });
    expect(life.lastCommand("start_agent")).toMatchObject({ homeOf: otherTaskId, loadSessionId: "session-7" });
  });

  it("tells a loaded session what is asked now, and nothing else", () => {
    const life = lifeIn("agent_session", next);
    life.reports({ ...agentReady(1, true), sessionId: "session-7" });
    expect(life.lastCommand("prompt")).toEqual({ type: "prompt", turn: 1, text: "Now the docs", resume: false });
  });

  it("tells a new session a summary first, and says so, and why", () => {
    const life = lifeIn("agent_session", next);
    life.reports(agentReady(1, false));
    expect(life.lastCommand("prompt").text).toBe("It fixed the clock.\n\nNow the docs");
    expect(life.notes.at(-1)).toBe(
      `The agent could not load the session of ${taskId}. It is told a summary of what came before.`,
    );
    expect(life.said("prompt").map(({ text }) => text)).toEqual(["Now the docs"]);
  });

  it("says that the session lies elsewhere where another node was free", () => {
    const life = new TaskLife(next);
    life.happens({ type: "node_claimed", node: node("ready", { nodeId: otherNodeId }) });
    life.reports(
      { type: "workspace_accepted" },
      { type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w" },
      agentReady(1, false),
    );
    expect(life.notes.at(-1)).toContain(`which lies on ${nodeId}`);
  });

  it("says that there is no session where the agent can load none", () => {
    const life = lifeIn("agent_session", { ...next, continues: { ...continues, sessionId: null } });
    expect(life.lastCommand("start_agent").loadSessionId).toBeNull();
    life.reports(agentReady(1, false));
    expect(life.notes.at(-1)).toContain(`has no session of ${taskId} to load`);
  });

  it("tries a session that ends its agent once, and then opens a new one", () => {
    const life = lifeIn("agent_session", next);
    life.reports(agentGone(1));
    expect(life.lastCommand("start_agent")).toMatchObject({ incarnation: 2, loadSessionId: null });
    life.reports(agentReady(2, false));
    expect(life.step).toBe("running");
    expect(life.lastCommand("prompt").text).toContain("It fixed the clock.");
  });

  it("loads its own session after a restart, and tells a new one everything", () => {
    const life = lifeIn("agent_session", next);
    life.reports(agentReady(1, false), update(1), agentGone(1));
    expect(life.lastCommand("start_agent").loadSessionId).toBe("session-1");
    life.reports(agentReady(2, false));
    expect(life.lastCommand("prompt").text).toBe("It fixed the clock.\n\nNow the docs");
  });

  it("does not try twice what only a person can mend", () => {
    for (const reason of ["agent_install_failed", "agent_not_configured"] as const) {
      const life = lifeIn("agent_session", next);
      life.reports(commandFailed("start_agent", { reason }));
      expect(life.facts.failure?.reason).toBe(reason);
    }
  });

  it("delivers under the same branch, and is itself continued under it", () => {
    const life = lifeIn("delivery", next);
    expect(life.lastCommand("deliver").branch).toBe(continues.branch);
    life.reports({ type: "delivered", verdicts: goodDelivery });
    life.happens(continued(otherTaskId));
    expect(begunBy(life).continues).toMatchObject({ rootTaskId: otherTaskId, branch: continues.branch });
  });
});

describe("a task whose workspace has work of the one before, which could not be saved yet", () => {
  const evidence = "/w has work of the task before that is not saved yet";
  const held = commandFailed("create_workspace", {
    reason: "workspace_failed",
    evidence,
    retryable: true,
    heldBy: otherTaskId,
  });

  it("waits for it, says so once, and goes on when it is saved; a try of its own then has not been used up", () => {
    const life = lifeIn("workspace_ready");
    for (let times = 0; times < 6; times += 1) {
      life.reports(held);
      life.looksUntil(() => life.facts.retryAt === null);
    }
    expect(life.commands.filter(({ type }) => type === "create_workspace")).toHaveLength(7);
    const notes = life.messages.filter(({ body }) => body.kind === "note" && body.text.includes("is saved, which"));
    expect(notes).toHaveLength(1);
    life.reports(commandFailed("create_workspace", { reason: "repository_unreachable", retryable: true }));
    expect(life.step).toBe("workspace_ready");
    life.reports({ type: "workspace_ready", baseCommit: "1".repeat(40), baseBranch: "main", path: "/w" });
    expect(life.step).toBe("agent_session");
  });

  it("waits without any progress, and fails before its deadline with what to do, and not as one that was slow", () => {
    const life = lifeIn("workspace_ready");
    const { lastProgressAt } = life.facts.clocks;
    const { progressDeadlineAt } = life.facts;
    while (life.step === "workspace_ready") {
      life.reports(held);
      if (life.step === "workspace_ready") life.looks();
    }
    expect(life.step).toBe("failed");
    expect(life.facts.clocks.lastProgressAt).toBe(lastProgressAt);
    expect(life.now).toBeLessThan(progressDeadlineAt ?? 0);
    expect(life.now).toBeGreaterThan((progressDeadlineAt ?? 0) - 60_000);
    expect(life.facts.failure).toMatchObject({
      reason: "workspace_failed",
      evidence: expect.stringContaining(evidence),
    });
    expect(life.facts.failure?.evidence).toContain("Make room on its disk");
  });
});
