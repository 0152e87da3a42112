import { describe, expect, it } from "vitest";

import { breakageKinds, breakages, proofOf, proofPatienceMs, type Deed, type Scene } from "./breakage.ts";
import { makeId } from "./ids.ts";

const nodeId = makeId("node", "01J00000000000000000000000");
const taskId = makeId("task", "01J00000000000000000000000");
const startedAt = 1_000_000;

const before: Scene = {
  at: startedAt,
  nodes: [{ nodeId, epoch: 1, bootedAt: 900_000, connected: true, lastContactAt: startedAt - 1 }],
  tasks: [
    {
      taskId,
      nodeId,
      step: "running",
      deadlineAt: 9_000_000,
      incarnation: 1,
      lastProgressAt: startedAt - 1,
      lastSeq: 100,
      missing: 0,
    },
  ],
  doubled: [],
};

function deedOf(kind: Deed["kind"], change: Partial<Deed> = {}): Deed {
  const ofNode = breakages[kind].ofNode ? nodeId : null;
  const endsAt = startedAt + (breakages[kind].defaultMs ?? 0);
  return { kind, nodeId: ofNode, startedAt, endsAt, backAt: endsAt + 500, seen: "it was seen", ...change };
}

/** Everything as it was promised, a while after it was over. */
function whole({ kind, backAt, endsAt }: Deed): Scene {
  const later = (backAt ?? endsAt) + 1_000;
  const restarts = kind === "kill_vm_agent" ? 1 : 0;
  return {
    at: later,
    nodes: before.nodes.map((node) => ({
      ...node,
      epoch: node.epoch + restarts,
      bootedAt: later,
      lastContactAt: later,
    })),
    tasks: before.tasks.map((task) => ({
      ...task,
      incarnation: task.incarnation + restarts,
      lastProgressAt: later,
      lastSeq: 140,
    })),
    doubled: [],
  };
}

const verdicts = (deed: Deed, now: Scene) => proofOf(deed, before, now).map(({ holds }) => holds);

describe.each(breakageKinds)("%s", (kind) => {
  const deed = deedOf(kind);

  it("has one proof for each promise, and all hold where everything is as promised", () => {
    const proofs = proofOf(deed, before, whole(deed));
    expect(proofs.map(({ promise }) => promise)).toEqual(breakages[kind].promises);
    expect(proofs.map(({ holds }) => holds)).toEqual([true, true, true]);
    for (const { evidence, at } of proofs) {
      expect(evidence).not.toBe("");
      expect(at).toBeGreaterThanOrEqual(startedAt);
    }
  });

  it("proves nothing in the moment in which it begins, and says of nothing that it did not hold", () => {
    const begun = { ...deed, backAt: null };
    const now = { ...before, at: startedAt + 1 };
    // A deadline stands all the time.
    expect(verdicts(begun, now)).toEqual([null, kind === "stall_provider" ? true : null, null]);
  });

  it("did not hold where it is not proven in time", () => {
    const lost = { ...deed, backAt: null };
    const late = { ...before, nodes: [], tasks: [], doubled: null, at: deed.endsAt + proofPatienceMs + 1 };
    expect(verdicts(lost, late)).toContain(false);
    expect(verdicts(lost, late)).not.toContain(null);
  });
});

describe("is not proven", () => {
  const wentWrong = (deed: Deed, change: (scene: Scene) => Scene) => verdicts(deed, change(whole(deed)));
  const ofTask = (change: Partial<Scene["tasks"][number]>) => (scene: Scene) => ({
    ...scene,
    tasks: scene.tasks.map((task) => ({ ...task, ...change })),
  });
  const ofNode = (change: Partial<Scene["nodes"][number]>) => (scene: Scene) => ({
    ...scene,
    nodes: scene.nodes.map((node) => ({ ...node, ...change })),
  });

  it("a VM agent that was started again, by one under the epoch of before", () => {
    expect(wentWrong(deedOf("kill_vm_agent"), ofNode({ epoch: 1 }))[0]).toBeNull();
  });

  it("an agent that was loaded again once, by one that was started twice, or never", () => {
    expect(wentWrong(deedOf("kill_vm_agent"), ofTask({ incarnation: 3 }))[1]).toBeNull();
    expect(wentWrong(deedOf("kill_vm_agent"), ofTask({ incarnation: 1 }))[1]).toBeNull();
  });

  it("a task that went on, by one that failed, or moved only before the end of the cut", () => {
    expect(wentWrong(deedOf("cut_network"), ofTask({ step: "failed" }))[1]).toBeNull();
    expect(wentWrong(deedOf("cut_network"), ofTask({ lastProgressAt: startedAt + 5 }))[1]).toBeNull();
  });

  it("that nothing was started anew, by a node of another epoch, or one that was not heard since", () => {
    expect(wentWrong(deedOf("cut_network"), ofNode({ epoch: 2 }))[0]).toBeNull();
    expect(wentWrong(deedOf("restart_control_plane"), ofNode({ lastContactAt: startedAt }))[1]).toBeNull();
  });

  it("that no message was lost, by a seq that was passed over, or a conversation that became shorter", () => {
    expect(wentWrong(deedOf("cut_network"), ofTask({ missing: 1 }))[2]).toBeNull();
    expect(wentWrong(deedOf("cut_network"), ofTask({ lastSeq: 99 }))[2]).toBeNull();
  });

  it("that no server was made twice, where two are listed for a node, or nobody answers", () => {
    const deed = deedOf("stall_provider");
    expect(wentWrong(deed, (scene) => ({ ...scene, doubled: [nodeId] }))[2]).toBeNull();
    expect(wentWrong(deed, (scene) => ({ ...scene, doubled: null }))[2]).toBeNull();
  });
});
