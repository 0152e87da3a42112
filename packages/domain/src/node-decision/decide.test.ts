import { describe, expect, it } from "vitest";

import { hasRoom } from "../node-facts.ts";
import { nodeLifecycle } from "../node-lifecycle.ts";
import { defaultSettings } from "../settings.ts";
import { hello, NodeLife, nodeIn, otherTaskId, restingStates } from "../testing/node-life.ts";
import { startedAt, taskId } from "../testing/task-life.ts";
import { afterOutages, nextLookAt } from "./decide.ts";

const nonFinal = restingStates.filter((state) => state !== "destroyed");
const byOwner = { type: "given_up", failure: "destroyed_by_owner", detail: "its owner asked for it" } as const;
const byTask = { type: "given_up", failure: "destroyed_by_task", detail: "it took too long" } as const;
const told = (life: NodeLife) =>
  life.effects.flatMap(({ effect }) => (effect.kind === "tell_task" ? [effect.taskId] : []));

describe("every state that is not final", () => {
  it.each(nonFinal)("%s has a deadline, which its row in D1 has too, and the alarm looks no later", (state) => {
    const life = nodeIn(state);
    expect(life.facts.deadlineAt).not.toBeNull();
    expect(life.transitions.at(-1)?.facts.deadlineAt).toBe(life.facts.deadlineAt);
    expect(nextLookAt(life.facts)).toBeLessThanOrEqual(life.facts.deadlineAt ?? 0);
  });

  it.each(nonFinal)(
    "%s comes to the destruction of its server by looks alone, and that is asked for until it is done",
    (state) => {
      const life = nodeIn(state);
      life.looksUntil(() => life.state === "destroying");
      const before = life.countOf("destroy_server");
      for (let looks = 0; looks < 1_000; looks += 1) life.looks();
      expect(life.state).toBe("destroying");
      expect(life.countOf("destroy_server")).toBe(before + 1_000);
      life.happens({ type: "server_gone" });
      expect(life.state).toBe("destroyed");
      expect(life.facts.claims).toEqual([]);
    },
  );

  it.each(nonFinal)("%s can be given up by its owner, and ends destroyed once its tasks let go", (state) => {
    const life = nodeIn(state);
    life.happens(byOwner);
    if (life.state === "draining") life.happens({ type: "released", taskId });
    expect(life.state).toBe("destroying");
    expect(life.facts.failure).toBe("destroyed_by_owner");
  });

  it.each(nonFinal)("%s is not touched by heartbeats and repeated observations: only contact moves", (state) => {
    const life = nodeIn(state);
    life.happens({ type: "server_observed", serverId: "7", status: "initializing" });
    const before = life.facts;
    for (let beats = 0; beats < 100; beats += 1) {
      life.happens({ type: "contact" }, 1_000);
      life.happens({ type: "server_observed", serverId: "7", status: "initializing" }, 1_000);
    }
    expect(life.facts.version).toBe(before.version);
    expect(life.facts.clocks).toEqual({ ...before.clocks, lastContactAt: life.now - 1_000 });
  });
});

describe("a claim", () => {
  it("stands though the release of an earlier stay comes late, and ends with its own", () => {
    const life = nodeIn("ready");
    life.happens({ type: "released", taskId, stay: 1 });
    expect(life.state).toBe("warm");
    life.happens({ type: "claimed", taskId, stay: 2 });
    for (const stay of [1, 0]) life.happens({ type: "released", taskId, stay });
    expect(life.facts.claims).toEqual([taskId]);
    expect(life.state).toBe("ready");
    life.happens({ type: "claimed", taskId, stay: 1 });
    life.happens({ type: "released", taskId, stay: 1 });
    expect(life.facts.claims).toEqual([taskId]);
    life.happens({ type: "released", taskId, stay: 2 });
    expect(life.facts).toMatchObject({ claims: [], stays: {}, state: "warm" });
  });
});

describe("a node that is destroyed", () => {
  it("stays so, whatever is said of it, and its clocks stand still", () => {
    const life = nodeIn("destroyed");
    const { facts } = life;
    for (const event of [
      hello("another-boot"),
      { type: "contact" },
      { type: "claimed", taskId },
      { type: "server_created", serverId: "8", status: "running" },
      { type: "server_observed", serverId: "7", status: "running" },
      byOwner,
      byTask,
      { type: "look" },
    ] as const) {
      life.happens(event);
    }
    expect(life.facts).toBe(facts);
    expect(nextLookAt(facts)).toBeNull();
  });

  it("offers the room that it leaves to the tasks that wait", () => {
    expect(nodeIn("destroyed").countOf("offer_capacity")).toBe(1);
  });

  it.each(["quota_exceeded", "capacity"] as const)(
    "offers nothing where the provider had refused it (%s): that would ask for the same again at once",
    (failure) => {
      const life = new NodeLife();
      life.happens({ type: "server_refused", failure, detail: "no" });
      expect(life.states).toEqual(["requested", "failed", "destroying"]);
      life.happens({ type: "server_gone" });
      expect(life.state).toBe("destroyed");
      expect(life.countOf("offer_capacity")).toBe(0);
      expect(told(life)).toEqual([taskId, taskId]);
    },
  );
});

describe("a server that is on its way", () => {
  it("tells its tasks of each move at once: taken by the provider, running, and its VM agent's first hello", () => {
    const life = new NodeLife();
    life.happens({ type: "server_created", serverId: "7", status: "initializing" });
    expect(told(life)).toHaveLength(1);
    life.happens({ type: "server_observed", serverId: "7", status: "starting" });
    expect(told(life)).toHaveLength(2);
    life.happens({ type: "server_observed", serverId: "7", status: "starting" });
    expect(told(life)).toHaveLength(2);
    life.happens({ type: "server_observed", serverId: "7", status: "running" });
    expect(life.state).toBe("booting");
    expect(told(life)).toHaveLength(3);
    life.happens(hello());
    expect(life.state).toBe("ready");
    expect(told(life)).toHaveLength(4);
  });

  it.each([
    ["requested", "provider_unavailable", defaultSettings.nodeRequestMs],
    ["creating", "provisioning_timeout", defaultSettings.provisioningMs],
    ["booting", "boot_timeout", defaultSettings.nodeBootMs],
  ] as const)("%s has its own limit: %s after %d ms; then it is destroyed", (state, failure, afterMs) => {
    const life = nodeIn(state);
    const since = life.facts.clocks.inStateSince;
    life.looksUntil(() => life.state !== state);
    expect(life.now - since).toBe(afterMs);
    expect(life.facts.failure).toBe(failure);
    expect(life.states.slice(-2)).toEqual(["failed", "destroying"]);
    expect(life.effects.at(-1)?.effect.kind).toBe("destroy_server");
  });

  it("whose creation is answered after its end is destroyed all the same, and keeps its id", () => {
    const life = new NodeLife();
    life.looksUntil(() => life.state === "destroying");
    life.happens({ type: "server_created", serverId: "7", status: "running" });
    expect(life.state).toBe("destroying");
    expect(life.facts.serverId).toBe("7");
  });

  it("that nobody waits for any more is destroyed", () => {
    for (const state of ["requested", "creating", "booting"] as const) {
      const life = nodeIn(state);
      life.happens({ type: "released", taskId });
      expect(life.state).toBe("destroying");
    }
  });
});

describe("a node that works", () => {
  it("is lost after ten minutes without a heartbeat, and by nothing else; each one moves its deadline", () => {
    const life = nodeIn("ready");
    for (let beats = 0; beats < 100; beats += 1) {
      life.happens({ type: "contact" }, 9 * 60_000);
      life.happens({ type: "look" }, 0);
    }
    expect(life.state).toBe("ready");
    expect(life.facts.deadlineAt).toBe(life.now + 10 * 60_000);
    life.looks();
    expect(life.facts.failure).toBe("contact_lost");
    expect(life.state).toBe("destroying");
    expect(told(life)).toContain(taskId);
  });

  it("is not destroyed by a task that gave it up while it was already saying hello", () => {
    const life = nodeIn("ready");
    life.happens({ type: "claimed", taskId: otherTaskId });
    life.happens(byTask);
    life.happens({ type: "released", taskId });
    expect(life.state).toBe("ready");
    expect(life.facts.claims).toEqual([otherTaskId]);
  });

  it.each(["requested", "creating", "booting"] as const)(
    "never, being %s, is destroyed by the task that gave it up",
    (state) => {
      const life = nodeIn(state);
      life.happens(byTask);
      expect(life.state).toBe("destroying");
      expect(life.facts.failure).toBe("destroyed_by_task");
    },
  );

  it("fails where the provider lists its server no more", () => {
    for (const state of ["creating", "booting", "ready", "warm", "draining"] as const) {
      const life = nodeIn(state);
      life.happens({ type: "server_gone" });
      expect(life.facts.failure).toBe("server_gone");
      expect(life.state).toBe("destroying");
    }
  });

  it("voids the words of an older VM agent: a new boot is a new epoch, the same boot is not", () => {
    const life = nodeIn("ready");
    expect(life.facts.epoch).toBe(1);
    life.happens(hello());
    expect(life.facts.epoch).toBe(1);
    life.happens(hello("boot-two"));
    expect(life.facts.epoch).toBe(2);
    expect(life.state).toBe("ready");
  });
});

describe("a slot", () => {
  it("is claimed once, by whoever comes first, and never beyond the room", () => {
    const life = nodeIn("ready");
    life.happens({ type: "claimed", taskId });
    expect(life.facts.claims).toEqual([taskId]);
    life.happens({ type: "claimed", taskId: otherTaskId });
    expect(hasRoom(life.facts)).toBe(false);
    life.happens({ type: "claimed", taskId: `${taskId.slice(0, -1)}9` as typeof taskId });
    expect(life.facts.claims).toEqual([taskId, otherTaskId]);
  });

  it("is let go once; the last one leaves the node warm, and room is offered", () => {
    const life = nodeIn("ready");
    life.happens({ type: "released", taskId: otherTaskId });
    expect(life.state).toBe("ready");
    const offers = life.countOf("offer_capacity");
    life.happens({ type: "released", taskId });
    life.happens({ type: "released", taskId });
    expect(life.state).toBe("warm");
    expect(life.countOf("offer_capacity")).toBe(offers + 1);
    life.happens({ type: "claimed", taskId });
    expect(life.state).toBe("ready");
  });

  it.each(["draining", "destroying", "destroyed"] as const)("is not to be had where the node is %s", (state) => {
    const life = nodeIn(state);
    life.happens({ type: "claimed", taskId: otherTaskId });
    expect(life.facts.claims).not.toContain(otherTaskId);
  });
});

describe("a node that goes", () => {
  it("warm, is kept 30 minutes, drains and is destroyed", () => {
    const life = nodeIn("warm");
    const since = life.now;
    while (life.state === "warm") {
      life.happens({ type: "contact" }, 60_000);
      life.happens({ type: "look" }, 0);
    }
    expect(life.now - since).toBe(30 * 60_000);
    expect(life.states.slice(-3)).toEqual(["warm", "draining", "destroying"]);
    expect(life.facts.failure).toBeNull();
  });

  it("by its owner's wish lets its tasks end for ten minutes, then tells them why it went", () => {
    const life = nodeIn("draining");
    expect(life.facts.claims).toEqual([taskId]);
    const since = life.now;
    const before = told(life).length;
    while (life.state === "draining") {
      life.happens({ type: "contact" }, 60_000);
      life.happens({ type: "look" }, 0);
    }
    expect(life.now - since).toBe(10 * 60_000);
    expect(life.facts).toMatchObject({ failure: "destroyed_by_owner", detail: "its owner asked for it" });
    expect(told(life)).toHaveLength(before + 1);
  });

  it("goes at once where its owner asks a second time", () => {
    const life = nodeIn("draining");
    life.happens(byOwner);
    expect(life.state).toBe("destroying");
  });

  it("goes the way that its row says", () => {
    for (const state of ["requested", "creating", "booting", "ready", "warm", "draining"] as const) {
      const life = nodeIn(state);
      life.happens(byOwner);
      const way = nodeLifecycle[state];
      expect(life.states[life.states.lastIndexOf(state) + 1]).toBe(way.final ? "none" : way.destroy);
    }
  });
});

describe("an outage of the control plane", () => {
  it("loses no node: the silence in it counts for nothing", () => {
    const life = nodeIn("ready");
    const outage = { from: life.now + 1_000, to: life.now + 8 * 3_600_000 };
    const moved = afterOutages(life.facts, [outage]);
    expect(moved.contactDeadlineAt).toBe(moved.deadlineAt);
    expect((moved.deadlineAt ?? 0) - (life.facts.deadlineAt ?? 0)).toBe(outage.to - outage.from);
    expect(moved.clocks).toEqual(life.facts.clocks);
    expect(afterOutages(moved, [outage])).toBe(moved);
  });
});

describe("a node that is asked for", () => {
  it("is written down with its first task before the provider hears of it", () => {
    const life = new NodeLife();
    expect(life.transitions).toMatchObject([{ version: 1, from: null, to: "requested", at: startedAt }]);
    expect(life.effects.map(({ effect }) => effect.kind)).toEqual(["create_server", "read_machine"]);
    expect(life.facts.claims).toEqual([taskId]);
  });

  it("has a machine that cannot be said until the catalog is read", () => {
    const life = new NodeLife();
    expect(life.facts.machine.known).toBe(false);
    life.happens({ type: "machine_read", machine: { known: false, machineType: "local", why: "no size" } });
    expect(life.facts.machine).toMatchObject({ why: "no size" });
  });
});

describe("a listing that lacks the node's server", () => {
  it("is a reason to ask for the server by its id, in the states that have one, and changes nothing by itself", () => {
    for (const state of restingStates) {
      const life = nodeIn(state);
      const before = life.facts;
      const { effects, transitions } = life.happens({ type: "server_unlisted" }, 2 * 60_000);
      const asks = state === "booting" || state === "ready" || state === "warm" || state === "draining";
      expect({ state, effects: effects.map(({ effect }) => effect.kind), transitions }).toEqual({
        state,
        effects: asks ? ["observe_server"] : [],
        transitions: [],
      });
      expect(life.facts.clocks).toEqual(before.clocks);
    }
  });

  it("is nothing where the machine was heard of within the last minute, or the server is not known yet", () => {
    const heard = nodeIn("ready");
    heard.happens({ type: "contact" });
    expect(heard.happens({ type: "server_unlisted" }, 59_000).effects).toEqual([]);
    const early = new NodeLife();
    early.happens(hello());
    expect(early.facts).toMatchObject({ state: "ready", serverId: null });
    expect(early.happens({ type: "server_unlisted" }, 2 * 60_000).effects).toEqual([]);
  });
});
