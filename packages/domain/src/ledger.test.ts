import { describe, expect, it } from "vitest";

import { destroyAt, judge, type LabelledNode, type ListedThing } from "./ledger.ts";
import { nodeStates, type NodeState } from "./node-lifecycle.ts";

const ours = "installation-one";
const fine: ListedThing = {
  kind: "server",
  id: "7",
  installation: ours,
  nodeId: "node_x",
  attachedTo: null,
  holdsUnsavedWork: null,
};
const node = (state: NodeState, serverId: string | null): LabelledNode => ({ kind: "known", state, serverId });
const verdictOf = (thing: Partial<ListedThing>, of: LabelledNode) => judge({ ...fine, ...thing }, ours, of).verdict;

describe("the ledger's judgement", () => {
  it("goes by the installation's tag before anything else, and takes nothing else for it", () => {
    for (const of of [node("ready", "7"), node("destroyed", null), { kind: "none" } as const]) {
      expect(verdictOf({ installation: null }, of)).toBe("untagged");
      expect(verdictOf({ installation: "" }, of)).toBe("foreign");
      for (const other of [`${ours}-two`, "installation", "INSTALLATION-ONE"]) {
        expect(verdictOf({ installation: other, holdsUnsavedWork: true }, of)).toBe("foreign");
      }
    }
  });

  it("is unowned where no node is known, or the node is destroyed, or no node is named", () => {
    expect(verdictOf({}, { kind: "none" })).toBe("unowned");
    expect(verdictOf({}, node("destroyed", "7"))).toBe("unowned");
    expect(verdictOf({ nodeId: null }, node("ready", "7"))).toBe("unowned");
  });

  it("is undecided where the node cannot be asked", () => {
    expect(verdictOf({}, { kind: "unknown", why: "no answer" })).toBe("undecided");
  });

  it("in every state but destroyed, the node's own server is owned; so is any that it does not know yet", () => {
    for (const state of nodeStates.filter((each) => each !== "destroyed")) {
      expect(verdictOf({}, node(state, "7"))).toBe("owned");
      expect(verdictOf({}, node(state, null))).toBe("owned");
      expect(verdictOf({ kind: "disk", id: "d", attachedTo: "7" }, node(state, "7"))).toBe("owned");
      expect(verdictOf({ kind: "disk", id: "d" }, node(state, "7"))).toBe("owned");
    }
  });

  it("a second server of a node that works is unowned, with its disk; of one that comes or goes it is left alone", () => {
    const owned = nodeStates.filter((state) => verdictOf({}, node(state, "8")) === "owned");
    expect(owned).toEqual(["requested", "creating", "failed", "destroying"]);
    expect(verdictOf({ kind: "disk", id: "d", attachedTo: "7" }, node("ready", "8"))).toBe("unowned");
  });

  it("keeps what is unowned and holds unsaved work", () => {
    expect(verdictOf({ holdsUnsavedWork: true }, { kind: "none" })).toBe("kept");
    expect(verdictOf({ holdsUnsavedWork: false }, { kind: "none" })).toBe("unowned");
    expect(verdictOf({ holdsUnsavedWork: true }, node("ready", "7"))).toBe("owned");
  });

  it("counts the grace from the listing", () => {
    expect(destroyAt(100, 15)).toBe(115);
  });
});
