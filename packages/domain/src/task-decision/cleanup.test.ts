import { describe, expect, it } from "vitest";

import { receiptLines, receiptOf } from "../receipt.ts";
import { nonFinalSteps, type NonFinalStep } from "../task-lifecycle.ts";
import {
  agentGone,
  commandFailed,
  goodDelivery,
  isOver,
  lifeIn,
  node,
  nodeId,
  released,
  tornDown,
  turnEnded,
} from "../testing/task-life.ts";
import { nextLookAt } from "./decide.ts";

const cancel = { type: "cancel_requested", by: "user" } as const;
const lines = (life: ReturnType<typeof lifeIn>) => life.facts.receipt.map(({ line }) => line);
const withoutNode: readonly NonFinalStep[] = ["node_selection", "waiting_for_node_capacity"];
const withoutWorkspace: readonly NonFinalStep[] = [...withoutNode, "node_provisioning", "node_agent_ready"];
const withWorkspace = nonFinalSteps.filter((step) => !withoutWorkspace.includes(step));
const withNode = nonFinalSteps.filter((step) => !withoutNode.includes(step));

describe("a cancel", () => {
  it.each(withWorkspace)("in %s ends in cancelled with every line proven, in order, and the machine let go", (step) => {
    const life = lifeIn(step);
    life.happens(cancel);
    expect(life.step).toBe("cancelling");
    expect(life.commands.at(-1)?.type).toBe("tear_down");
    life.reports(...tornDown);
    expect(life.step).toBe("cancelling");
    life.happens(released());
    expect(life.step).toBe("cancelled");
    expect(lines(life)).toEqual(receiptLines);
    expect(life.facts.unproven).toEqual([]);
    expect(isOver(life)).toBe(true);
  });

  it.each(["node_provisioning", "node_agent_ready"] as const)(
    "in %s lets the machine go, with nothing else to end",
    (step) => {
      const life = lifeIn(step);
      life.happens(cancel);
      expect(life.commands).toEqual([]);
      life.happens(released());
      expect(life.step).toBe("cancelled");
      expect(lines(life)).toEqual(receiptLines);
    },
  );

  it.each(withoutNode)("in %s ends as soon as no search can bring a machine any more", (step) => {
    const life = lifeIn(step);
    if (!life.facts.selecting) life.looks();
    life.happens(cancel);
    expect(life.step).toBe("cancelling");
    life.happens({ type: "no_capacity", place: 1, why: "" });
    expect(life.step).toBe("cancelled");
    expect(lines(life)).toEqual(receiptLines);
  });

  it.each(nonFinalSteps)("in %s is undone by no late success", (step) => {
    const life = lifeIn(step);
    life.happens(cancel);
    life.looksUntil(() => life.step === "cancelled");
    const end = life.facts;
    life.reports(turnEnded(1), { type: "delivered", verdicts: goodDelivery }, ...tornDown);
    life.happens({ type: "node_claimed", node: node("ready") });
    life.happens(cancel);
    life.happens({ type: "ended_by_sweep" });
    life.happens({ type: "recover" });
    life.happens(released());
    expect(life.step).toBe("cancelled");
    expect(life.facts.version).toBe(end.version);
    expect(life.facts.clocks).toEqual(end.clocks);
    expect(life.facts.failure).toBeNull();
    expect(isOver(life)).toBe(true);
  });

  it.each(withNode)("in %s ends when its machine is destroyed under it", (step) => {
    const life = lifeIn(step);
    life.happens(cancel);
    life.happens({ type: "node_observed", node: node("failed", { failure: "contact_lost" }) });
    life.happens({ type: "node_observed", node: node("destroying", { failure: "contact_lost" }) });
    expect(life.step).toBe("cancelling");
    life.happens({ type: "node_observed", node: node("destroyed", { failure: "contact_lost" }) });
    expect(life.step).toBe("cancelled");
    expect(isOver(life)).toBe(true);
    // Work that nobody saved is not said to be saved.
    expect(life.facts.unproven).toEqual(life.facts.agent === null ? [] : ["workspace_saved"]);
  });

  it.each(nonFinalSteps)("in %s ends at its deadline with what is unproven named, and is still pursued", (step) => {
    const life = lifeIn(step);
    if (step === "waiting_for_node_capacity") life.looks();
    life.happens(cancel);
    const since = life.facts.clocks.inStateSince;
    life.looksUntilItMoves();
    expect(life.step).toBe("cancelled");
    expect(life.now - since).toBe(5 * 60_000);
    expect(life.facts.unproven).toEqual(receiptLines);
    expect(life.notes.at(-1)).toContain("machine_released");
    if (life.facts.nodeId === null) life.happens({ type: "no_capacity", place: 1, why: "" });
    if (life.facts.workspace !== null) life.reports(...tornDown);
    if (life.facts.nodeId !== null) life.happens(released());
    expect(life.facts.unproven).toEqual([]);
    expect(isOver(life)).toBe(true);
  });

  it("asks after its machine by itself, in case that word of its end came too early", () => {
    const life = lifeIn("running");
    life.happens(cancel);
    life.looks();
    expect(life.effects.at(-1)?.effect).toEqual({ kind: "ask_node", nodeId });
  });

  it("asked for twice is one", () => {
    const life = lifeIn("running");
    life.happens(cancel);
    life.happens({ ...cancel, by: "another" });
    expect(life.facts.cancel?.by).toBe("user");
    expect(life.commands.filter((body) => body.type === "tear_down")).toHaveLength(1);
  });

  it("whose alarm was lost ends as cancelled, not as a failure", () => {
    const life = lifeIn("cancelling");
    life.happens({ type: "recover" }, 10 * 60_000);
    expect(life.step).toBe("cancelled");
    expect(life.facts.unproven).toEqual(receiptLines);
  });

  it("moves its clock of progress with each line that is proven, and with nothing else", () => {
    const life = lifeIn("cancelling");
    life.happens({ type: "contact" });
    life.happens({ type: "node_observed", node: node("ready") });
    life.reports(turnEnded(1, "cancelled"), agentGone(1));
    expect(life.facts.clocks.lastProgressAt).toBeNull();
    life.reports({ type: "receipt", line: "signal_sent", proof: "SIGTERM to 42" });
    const moved = life.now;
    life.reports({ type: "receipt", line: "signal_sent", proof: "SIGTERM to 42" });
    expect(life.facts.clocks.lastProgressAt).toBe(moved);
    expect(life.said("receipt")).toHaveLength(1);
  });

  it("believes no VM agent that the machine is released, and no line of a teardown that nobody asked for", () => {
    const life = lifeIn("running");
    life.reports({ type: "receipt", line: "processes_gone", proof: "trust me" });
    life.happens(cancel);
    life.reports({ type: "receipt", line: "machine_released", proof: "trust me" });
    expect(lines(life)).toEqual([]);
  });
});

describe("a teardown that the VM agent refuses", () => {
  const refusal = commandFailed("tear_down", {
    reason: "disk_full",
    evidence: "no space to save the work",
    retryable: true,
  });

  it("is tried again, at most three times in all; then the machine is let go and the receipt leaves open what was not proven", () => {
    const life = lifeIn("cancelling");
    life.reports(
      { type: "receipt", line: "signal_sent", proof: "" },
      { type: "receipt", line: "processes_gone", proof: "" },
    );
    for (let tries = 1; tries <= 3; tries += 1) {
      expect(life.commands.filter((body) => body.type === "tear_down")).toHaveLength(tries);
      expect(life.countOf("release_node")).toBe(0);
      const sent = life.commands.length;
      life.reports(refusal);
      if (tries < 3) life.looksUntil(() => life.commands.length > sent);
    }
    expect(life.countOf("release_node")).toBe(1);
    expect(life.facts.workspace?.standing).toBe(true);
    life.happens(released());
    expect(life.step).toBe("cancelled");
    expect(life.facts.unproven).toEqual(["workspace_saved", "workspace_removed"]);
    expect(life.notes.at(-1)).toContain("workspace_saved, workspace_removed");
  });

  it("is tried again after the end too, which moves no clock and no step", () => {
    const life = lifeIn("completed");
    const end = life.facts;
    life.reports(refusal);
    expect(nextLookAt(life.facts)).not.toBeNull();
    life.looks();
    expect(life.commands.filter((body) => body.type === "tear_down")).toHaveLength(2);
    life.reports(...tornDown);
    life.happens(released());
    expect(nextLookAt(life.facts)).toBeNull();
    expect(life.facts.clocks).toEqual(end.clocks);
    expect(life.facts.version).toBe(end.version);
    expect(isOver(life)).toBe(true);
  });

  it("and is due when the cancel's deadline passes is tried again at once", () => {
    const life = lifeIn("cancelling", {}, { cancellingMs: 2_000 });
    life.reports(refusal);
    life.happens({ type: "look" }, 2_000);
    expect(life.step).toBe("cancelled");
    expect(life.commands.filter((body) => body.type === "tear_down")).toHaveLength(2);
  });

  it("for good lets the machine go at once", () => {
    const life = lifeIn("cancelling");
    life.reports({ ...refusal, retryable: false });
    expect(life.countOf("release_node")).toBe(1);
  });
});

describe("a task that ends", () => {
  it("lets its machine go once, however often the teardown is reported", () => {
    const life = lifeIn("completed");
    life.reports(...tornDown, ...tornDown);
    expect(life.countOf("release_node")).toBe(1);
    life.happens(released());
    life.happens(released());
    expect(isOver(life)).toBe(true);
  });

  it("says on its workspace's row that it stood, and that it stands no more", () => {
    const life = lifeIn("completed");
    life.reports(...tornDown);
    const states = life.effects.flatMap(({ effect }) => (effect.kind === "record_workspace" ? [effect.state] : []));
    expect(states).toEqual(["standing", "removed"]);
  });

  it("believes no teardown that it did not ask for", () => {
    const life = lifeIn("running");
    life.reports({ type: "torn_down", savedRef: null }, commandFailed("tear_down"));
    expect(life.facts.workspace?.standing).toBe(true);
    expect(life.countOf("release_node")).toBe(0);
  });
});

describe("a machine that is gone", () => {
  it.each(withNode.filter((step) => step !== "cancelling"))(
    "in %s ends the task as failed, with no claim left",
    (step) => {
      const life = lifeIn(step);
      const { verdicts } = life.facts;
      life.happens({
        type: "node_observed",
        node: node("failed", { failure: "contact_lost", detail: "no heartbeat" }),
      });
      expect(life.step).toBe("failed");
      expect(life.facts.failure).toMatchObject({
        reason: "node_lost",
        evidence: expect.stringContaining("no heartbeat"),
      });
      expect(life.facts.verdicts).toEqual(verdicts);
      expect(life.facts.workspace?.standing ?? false).toBe(false);
      expect(isOver(life)).toBe(true);
    },
  );
});

describe("a cancel that can't be proven and is ended by force", () => {
  const force = { type: "force_requested", by: "user" } as const;

  it("ends at once, names what nobody proved, and gives the machine up, exactly once", () => {
    const life = lifeIn("cancelling");
    life.reports(...tornDown.slice(0, 2));
    life.happens(force);
    const { version } = life.facts;
    life.happens(force);
    life.happens(cancel);
    expect(life.step).toBe("cancelled");
    expect(life.facts.version).toBe(version);
    expect(life.facts.unproven).toEqual(["workspace_saved", "workspace_removed", "machine_released"]);
    expect(life.notes.at(-1)).toContain("Not proven: workspace_saved, workspace_removed, machine_released");
    const given = life.effects.flatMap(({ effect }) => (effect.kind === "give_up_node" ? [effect] : []));
    expect(given).toEqual([{ kind: "give_up_node", nodeId, force: true }]);
    expect(receiptOf(life.facts).map(({ state }) => state)).toEqual([
      ...["proven", "proven"],
      ...["unproven", "unproven", "unproven"],
    ]);
  });

  it("still writes down what is proven later; work that nobody saved is never said to be", () => {
    const life = lifeIn("cancelling");
    life.happens(force);
    for (const state of ["failed", "destroying", "destroyed"] as const) {
      life.happens({ type: "node_observed", node: node(state, { failure: "destroyed_by_owner" }) });
    }
    expect(life.facts.unproven).toEqual(["workspace_saved"]);
    expect(isOver(life)).toBe(true);
  });

  it("of a machine that others work on lets go of it alone", () => {
    const life = lifeIn("cancelling");
    life.happens(force);
    life.happens(released());
    expect(life.facts.nodeId).toBeNull();
    expect(life.facts.unproven).not.toContain("machine_released");
  });

  it.each([...nonFinalSteps.filter((step) => step !== "cancelling"), "completed", "failed", "cancelled"] as const)(
    "changes nothing in %s",
    (step) => {
      const life = lifeIn(step);
      const before = life.facts;
      life.happens(force);
      expect(life.facts).toEqual(before);
    },
  );
});

describe("the receipt", () => {
  it("is none of a task that works, and has every line from the moment in which it lets go", () => {
    for (const step of nonFinalSteps.filter((one) => one !== "cancelling")) {
      expect(receiptOf(lifeIn(step).facts)).toEqual([]);
    }
    const life = lifeIn("cancelling");
    expect(receiptOf(life.facts).map(({ line, state }) => [line, state])).toEqual(
      receiptLines.map((line) => [line, "open"]),
    );
    life.reports(...tornDown);
    life.happens(released());
    expect(receiptOf(life.facts).map(({ state }) => state)).toEqual(receiptLines.map(() => "proven"));
  });

  it("of a task that was not cancelled has all but the machine's release", () => {
    const life = lifeIn("completed");
    const owed = receiptLines.filter((line) => line !== "machine_released");
    expect(receiptOf(life.facts).map(({ line, state }) => [line, state])).toEqual(owed.map((line) => [line, "open"]));
    life.reports(...tornDown);
    life.happens(released());
    const open = receiptOf(life.facts).filter(({ state }) => state !== "proven");
    expect(open).toEqual([]);
  });
});
