import { describe, expect, it } from "vitest";

import { isFinalNodeState, nodeLifecycle, nodeStates, type NonFinalNodeRow } from "./node-lifecycle.ts";
import { defaultSettings } from "./settings.ts";

describe("the types refuse", () => {
  it("a row of a state that is not final without deadline, owner, consequence or the way to its destruction", () => {
    const { requested } = nodeLifecycle;
    if (requested.final) throw new Error("requested is final");
    const whole: NonFinalNodeRow = requested;
    const { deadline: _deadline, ...withoutDeadline } = whole;
    const { owner: _owner, ...withoutOwner } = whole;
    const { consequence: _consequence, ...withoutConsequence } = whole;
    const { then: _then, ...withoutNext } = whole;
    const { destroy: _destroy, ...withoutDestroy } = whole;
    // @ts-expect-error -- a state without a deadline costs money for ever
    const noDeadline: NonFinalNodeRow = withoutDeadline;
    // @ts-expect-error -- a state that nobody owns is moved by nobody
    const noOwner: NonFinalNodeRow = withoutOwner;
    // @ts-expect-error -- a deadline says what happens then
    const noConsequence: NonFinalNodeRow = withoutConsequence;
    // @ts-expect-error -- a deadline leads somewhere
    const noNext: NonFinalNodeRow = withoutNext;
    // @ts-expect-error -- every machine can be given up
    const noDestroy: NonFinalNodeRow = withoutDestroy;
    expect([noDeadline, noOwner, noConsequence, noNext, noDestroy]).toHaveLength(5);
  });

  it("a table in which a state that goes on is final", () => {
    // @ts-expect-error -- only destroyed is final
    const table: typeof nodeLifecycle = { ...nodeLifecycle, failed: { final: true, means: "it failed" } };
    expect(table).toBeDefined();
  });
});

describe("the table", () => {
  it("has every state once, and only destroyed is final", () => {
    expect(Object.keys(nodeLifecycle)).toEqual([...nodeStates]);
    expect(nodeStates.filter((state) => isFinalNodeState(state))).toEqual(["destroyed"]);
  });

  it("keeps a warm node for 30 minutes, and gives every state a limit above zero", () => {
    expect(defaultSettings.warmMs).toBe(30 * 60_000);
    for (const row of Object.values(nodeLifecycle)) {
      if (!row.final) expect(defaultSettings[row.deadline]).toBeGreaterThan(0);
    }
  });
});
