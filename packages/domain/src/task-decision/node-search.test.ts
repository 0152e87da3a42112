import { describe, expect, it } from "vitest";

import { lifeIn, node, otherNodeId, released, startedAt, TaskLife } from "../testing/task-life.ts";

const refused = { failure: "quota_exceeded", detail: "quota of servers is used up" } as const;

describe("a claim", () => {
  it("that comes after a cancel is let go, and the cancel ends", () => {
    const life = new TaskLife();
    life.happens({ type: "cancel_requested", by: "user" });
    expect(life.step).toBe("cancelling");
    life.happens({ type: "node_claimed", node: node("ready") });
    expect(life.effects.at(-1)?.effect).toMatchObject({ kind: "release_node" });
    expect(life.commands).toEqual([]);
    life.happens(released());
    expect(life.step).toBe("cancelled");
    expect(life.facts.nodeId).toBeNull();
  });

  it("that comes after the end is let go, and the end stays", () => {
    const life = new TaskLife();
    life.looksUntilItMoves();
    expect(life.facts.failure?.reason).toBe("node_selection_timeout");
    life.happens({ type: "node_claimed", node: node("requested") });
    expect(life.countOf("release_node")).toBe(1);
    life.happens(released());
    expect(life.step).toBe("failed");
    expect(life.facts.nodeId).toBeNull();
  });

  it("that comes twice is one; another one beside it is let go", () => {
    const life = lifeIn("running");
    life.happens({ type: "node_claimed", node: node("ready") });
    expect(life.countOf("release_node")).toBe(0);
    life.happens({ type: "node_claimed", node: node("ready", { nodeId: otherNodeId }) });
    life.happens(released(otherNodeId));
    expect(life.facts.nodeId).not.toBeNull();
    expect(life.step).toBe("running");
  });

  it("is not let go by a word that the task never asked for", () => {
    const life = lifeIn("running");
    life.happens(released());
    expect(life.facts.nodeId).not.toBeNull();
  });

  it("of a node that is gone already is none", () => {
    const life = new TaskLife();
    life.happens({ type: "node_claimed", node: node("destroying", { failure: "unauthorized", detail: "401" }) });
    expect(life.step).toBe("failed");
    expect(life.facts.failure?.reason).toBe("provider_unauthorized");
    expect(life.facts.nodeId).toBeNull();
  });
});

describe("the queue", () => {
  it("is progress only where the place moved ahead", () => {
    const life = lifeIn("waiting_for_node_capacity");
    const place = (at: number) => life.happens({ type: "no_capacity", place: at, why: "" }).facts.clocks.lastProgressAt;
    expect(place(2)).toBeNull();
    expect(place(3)).toBeNull();
    const moved = place(1);
    expect(moved).toBe(life.now);
    expect(place(1)).toBe(moved);
  });

  it("is searched once at a time, by poll or by offer", () => {
    const life = lifeIn("waiting_for_node_capacity");
    life.happens({ type: "capacity_freed" });
    life.happens({ type: "capacity_freed" });
    life.looks();
    expect(life.countOf("select_node")).toBe(2);
  });

  it("has one limit in all, however often a machine is nearly there", () => {
    const life = lifeIn("waiting_for_node_capacity");
    const limit = life.facts.deadlineAt;
    for (let tries = 0; tries < 5; tries += 1) {
      life.happens({ type: "node_claimed", node: node("creating") }, 60_000);
      expect(life.step).toBe("node_provisioning");
      life.happens({ type: "node_observed", node: node("failed", refused) }, 60_000);
      expect(life.step).toBe("waiting_for_node_capacity");
      expect(life.facts.deadlineAt).toBe(limit);
      expect(life.transitions.at(-1)?.facts.deadlineAt).toBe(limit);
    }
    while (life.step === "waiting_for_node_capacity") {
      life.looks();
      if (life.facts.selecting) life.happens({ type: "no_capacity", place: 1, why: "" }, 0);
    }
    expect(life.facts.failure?.reason).toBe("capacity_timeout");
    expect(life.now).toBe(limit);
  });
});

describe("a provider that refuses a machine", () => {
  it("sends the task into the queue, and costs a task in the queue no step, however often", () => {
    const life = new TaskLife();
    life.happens({ type: "node_claimed", node: node("requested") });
    life.happens({ type: "node_observed", node: node("failed", refused) });
    expect(life.steps).toEqual(["node_selection", "node_provisioning", "waiting_for_node_capacity"]);
    const { version } = life.facts;
    const { inStateSince } = life.facts.clocks;
    for (let tries = 0; tries < 6; tries += 1) {
      life.looks();
      life.happens({ type: "node_claimed", node: node("requested") });
      life.happens({ type: "node_observed", node: node("failed", refused) });
    }
    expect(life.facts.version).toBe(version);
    expect(life.facts.clocks.inStateSince).toBe(inStateSince);
    expect(life.facts.clocks.lastProgressAt).toBeNull();
    expect(life.facts.nodeId).toBeNull();
  });

  it("is asked again ever more slowly, up to four times the usual wait", () => {
    const life = new TaskLife();
    const waits: number[] = [];
    for (let tries = 0; tries < 5; tries += 1) {
      life.happens({ type: "node_claimed", node: node("requested") });
      life.happens({ type: "node_observed", node: node("failed", refused) });
      waits.push((life.facts.pollAt ?? 0) - life.now);
      life.looks();
    }
    expect(waits).toEqual([15_000, 30_000, 60_000, 60_000, 60_000]);
  });

  it("that then takes the request lets the task provision", () => {
    const life = lifeIn("waiting_for_node_capacity");
    life.happens({ type: "node_claimed", node: node("requested") });
    expect(life.step).toBe("waiting_for_node_capacity");
    life.happens({ type: "node_observed", node: node("creating") });
    expect(life.step).toBe("node_provisioning");
  });

  it("leaves nothing claimed where the task is cancelled in the queue", () => {
    const life = lifeIn("waiting_for_node_capacity");
    life.happens({ type: "node_claimed", node: node("requested") });
    life.happens({ type: "cancel_requested", by: "user" });
    life.happens(released());
    expect(life.step).toBe("cancelled");
    expect(life.facts.nodeId).toBeNull();
  });
});

describe("what is known of the node", () => {
  it("is progress once, however often it is said again", () => {
    const life = lifeIn("node_provisioning");
    life.happens({ type: "node_observed", node: node("creating", { mark: "2/initializing" }) });
    const moved = life.facts.clocks.lastProgressAt;
    expect(moved).toBe(life.now);
    for (let polls = 0; polls < 200; polls += 1) {
      life.happens({ type: "node_observed", node: node("creating", { mark: "2/initializing" }) }, 4_000);
    }
    expect(life.facts.clocks.lastProgressAt).toBe(moved);
    expect(life.facts.clocks.lastContactAt).toBe(life.now);
    expect(life.facts.clocks.inStateSince).toBe(startedAt + 1_000);
  });

  it("never leads back, where an answer was overtaken", () => {
    const life = lifeIn("node_agent_ready");
    const { version } = life.facts;
    life.happens({ type: "node_observed", node: node("creating") });
    expect(life.step).toBe("node_agent_ready");
    expect(life.facts.version).toBe(version);
    expect(life.facts.clocks.lastProgressAt).toBeNull();
  });

  it("of another node changes nothing", () => {
    const life = lifeIn("node_provisioning");
    life.happens({ type: "node_observed", node: node("destroyed", { nodeId: otherNodeId }) });
    expect(life.step).toBe("node_provisioning");
    expect(life.facts.clocks.lastContactAt).toBeNull();
  });
});

describe("a node that another task gave up for taking too long", () => {
  it.each([
    ["node_provisioning", "provisioning_timeout"],
    ["node_agent_ready", "node_boot_timeout"],
    ["running", "node_lost"],
  ] as const)("fails a task in %s as %s", (step, reason) => {
    const life = lifeIn(step);
    life.happens({ type: "node_observed", node: node("destroying", { failure: "destroyed_by_task", detail: "late" }) });
    expect(life.facts.failure?.reason).toBe(reason);
  });
});
