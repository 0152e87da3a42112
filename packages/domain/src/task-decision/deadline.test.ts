import { describe, expect, it } from "vitest";

import { defaultSettings } from "../settings.ts";
import { isFinal, nonFinalSteps, taskLifecycle } from "../task-lifecycle.ts";
import { lifeIn, node, TaskLife, update } from "../testing/task-life.ts";
import { afterOutages, nextLookAt } from "./decide.ts";

const minute = 60_000;
const effectKinds = (life: TaskLife) => life.effects.map(({ effect }) => effect.kind);

describe("every step that is not final", () => {
  it.each(nonFinalSteps)("%s has a deadline, and the alarm looks no later", (step) => {
    const life = lifeIn(step);
    const row = taskLifecycle[step];
    expect(row.final).toBe(false);
    expect(life.facts.deadlineAt).not.toBeNull();
    expect(nextLookAt(life.facts)).toBeLessThanOrEqual(life.facts.deadlineAt ?? 0);
  });

  it.each(nonFinalSteps)("%s comes to an end by looks alone, with nobody answering", (step) => {
    const life = lifeIn(step);
    for (let looks = 0; !isFinal(life.step); looks += 1) {
      expect(looks).toBeLessThan(1_000);
      life.looks();
    }
    expect(["failed", "cancelled"]).toContain(life.step);
    expect(life.facts.deadlineAt).toBeNull();
  });

  it.each(nonFinalSteps)("%s is not touched by 200 polls and heartbeats: only contact moves", (step) => {
    const life = lifeIn(step, {}, { nodePollMs: 365 * 24 * 3_600_000 });
    const before = life.facts;
    for (let beats = 0; beats < 200; beats += 1) {
      life.happens({ type: "contact" }, 100);
      if (life.facts.nodeId !== null) {
        const mark = life.facts.nodeMark ?? "";
        const state = step === "node_provisioning" ? "creating" : step === "node_agent_ready" ? "booting" : "ready";
        life.happens({ type: "node_observed", node: node(state, { mark }) }, 100);
      }
    }
    expect(life.facts.version).toBe(before.version);
    expect(life.facts.clocks).toEqual({ ...before.clocks, lastContactAt: life.now });
    expect(life.facts.deadlineAt).toBe(before.deadlineAt);
    expect(life.facts.progressDeadlineAt).toBe(before.progressDeadlineAt);
  });
});

describe("a machine that is silent", () => {
  it.each(["workspace_creation", "cancelling"] as const)("is not heard of in %s by asking its node", (step) => {
    const life = lifeIn(step);
    life.happens({ type: "contact" });
    const heardAt = life.now;
    for (let polls = 0; polls < 5; polls += 1) {
      life.happens({ type: "node_observed", node: node("ready", { heardAt }) }, 15_000);
    }
    expect(life.facts.clocks.lastContactAt).toBe(heardAt);
    // What was heard earlier than that takes nothing back, and what is heard at last counts.
    life.happens({ type: "node_observed", node: node("ready", { heardAt: heardAt - 1 }) });
    expect(life.facts.clocks.lastContactAt).toBe(heardAt);
    life.happens({ type: "node_observed", node: node("ready", { heardAt: heardAt + 60_000 }) });
    expect(life.facts.clocks.lastContactAt).toBe(heardAt + 60_000);
  });
});

describe("a server that stays in creation for ever", () => {
  it("fails the task at 15 minutes, through any number of polls, and is given up and let go", () => {
    const life = lifeIn("node_provisioning");
    const since = life.now;
    let polls = 0;
    while (life.step === "node_provisioning") {
      life.looks();
      if (life.effects.at(-1)?.effect.kind === "ask_node") polls += 1;
      life.happens({ type: "node_observed", node: node("creating") }, 0);
    }
    expect(polls).toBeGreaterThan(50);
    expect(life.now - since).toBe(15 * minute);
    expect(life.facts.failure?.reason).toBe("provisioning_timeout");
    expect(effectKinds(life).slice(-2)).toEqual(["give_up_node", "release_node"]);
  });
});

describe("each waiting step fails for its own reason", () => {
  it.each([
    ["node_selection", "node_selection_timeout", defaultSettings.nodeSelectionMs],
    ["node_agent_ready", "node_boot_timeout", defaultSettings.nodeBootMs],
    ["workspace_creation", "workspace_not_acknowledged", 2 * defaultSettings.workspaceCreationMs],
    ["workspace_ready", "workspace_timeout", defaultSettings.workspaceProgressMs],
    ["agent_session", "agent_session_timeout", 2 * defaultSettings.agentSessionMs],
    ["delivery", "delivery_timeout", defaultSettings.deliveryMs],
  ] as const)("%s: %s after %d ms", (step, reason, afterMs) => {
    const life = lifeIn(step);
    const since = life.facts.clocks.inStateSince;
    life.looksUntilItMoves();
    expect(life.facts.failure?.reason).toBe(reason);
    expect(life.now - since).toBe(afterMs);
  });

  it("a checkout that moves has 30 minutes in all; one whose bytes stand still has five", () => {
    const slow = lifeIn("workspace_ready");
    const since = slow.facts.clocks.inStateSince;
    for (let bytes = 1; slow.step === "workspace_ready"; bytes += 1) {
      slow.happens({ type: "contact" }, 4 * minute);
      slow.happens({ type: "look" }, 0);
      slow.reports({ type: "workspace_progress", phase: "mirror", bytes });
    }
    expect(slow.now - since).toBeGreaterThanOrEqual(30 * minute);
    const stuck = lifeIn("workspace_ready");
    stuck.reports({ type: "workspace_progress", phase: "mirror", bytes: 1 });
    const moved = stuck.now;
    for (let repeats = 0; repeats < 4; repeats += 1) {
      stuck.happens({ type: "contact" }, minute);
      stuck.reports({ type: "workspace_progress", phase: "mirror", bytes: 1 });
    }
    expect(stuck.facts.clocks.lastProgressAt).toBe(moved);
    stuck.looks();
    expect(stuck.facts.failure?.reason).toBe("workspace_timeout");
    expect(stuck.now - moved).toBe(5 * minute);
  });

  it("silence is no failure before its limit: an agent that says something every 14 minutes is never flagged", () => {
    const life = lifeIn("running");
    for (let updates = 0; updates < 30; updates += 1) {
      life.happens({ type: "contact" }, 14 * minute);
      life.happens({ type: "look" }, 0);
      life.reports(update(1, String(updates)));
      expect(life.facts.stalledSince).toBeNull();
    }
    expect(life.step).toBe("running");
    expect(life.facts.agent?.restarts).toBe(0);
  });
});

describe("the clocks", () => {
  it("stand still after the end, contact included", () => {
    const life = lifeIn("completed");
    const { clocks } = life.facts;
    life.happens({ type: "contact" });
    life.happens({ type: "node_observed", node: node("ready", { mark: "new" }) });
    life.reports(update(1));
    expect(life.facts.clocks).toEqual(clocks);
    expect(clocks.frozenAt).toBe(clocks.inStateSince);
  });

  it("do not run backwards where the machine's clock does", () => {
    const life = lifeIn("workspace_ready");
    life.happens({ type: "contact" });
    const { lastContactAt } = life.facts.clocks;
    life.happens({ type: "contact" }, -5_000);
    expect(life.facts.clocks.lastContactAt).toBe(lastContactAt);
    life.happens({ type: "cancel_requested", by: "user" }, -60_000);
    expect(life.said("step").at(-1)?.tookMs).toBe(0);
  });
});

describe("an event of the VM agent that comes twice", () => {
  it("is applied once, by its number", () => {
    const life = lifeIn("running");
    const event = { type: "vm_agent", seq: 100, event: update(1) } as const;
    life.happens(event);
    life.happens(event);
    life.happens({ type: "vm_agent_passed_over", seq: 99, detail: "agent_update" });
    expect(life.said("agent_update")).toHaveLength(1);
    expect(life.facts.nodeEventSeq).toBe(100);
    expect(life.notes.filter((text) => text.includes("passed over"))).toEqual([]);
  });
});

describe("an outage of the control plane", () => {
  it("moves the deadlines by its length, the one of the queue too, and no clock", () => {
    const life = lifeIn("waiting_for_node_capacity");
    const { facts } = life;
    const outage = { from: life.now + 1_000, to: life.now + 3_601_000 };
    const moved = afterOutages(facts, [outage]);
    expect(moved.deadlineAt).toBe((facts.deadlineAt ?? 0) + 3_600_000);
    expect(moved.capacityDeadlineAt).toBe((facts.capacityDeadlineAt ?? 0) + 3_600_000);
    expect(moved.clocks).toEqual(facts.clocks);
    expect(afterOutages(moved, [outage])).toBe(moved);
  });
});

describe("a runner whose alarm was lost", () => {
  it("goes on before its deadline, and past it fails as lost, letting its machine go", () => {
    const life = lifeIn("running");
    life.happens({ type: "recover" });
    expect(life.step).toBe("running");
    life.happens({ type: "recover" }, 9 * 3_600_000);
    expect(life.facts.failure?.reason).toBe("lost_runner");
    expect(life.commands.at(-1)?.type).toBe("tear_down");
  });
});

describe("a task that is accepted", () => {
  it("has its first transition, its deadline, and a search on its way", () => {
    const life = new TaskLife();
    expect(life.transitions).toMatchObject([{ version: 1, from: null, to: "node_selection" }]);
    expect(effectKinds(life)).toEqual(["select_node"]);
    expect(life.facts.branch).toBe("sam/fix-the-clock-0000000001");
  });
});
