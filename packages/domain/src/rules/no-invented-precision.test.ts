import { describe, expect, it } from "vitest";

import type { Machine } from "../node-facts.ts";
import { breachesOf, completedRecord, systemRecord, withNodes } from "../testing/rule-records.ts";
import { checkSystem, checkTask } from "./check.ts";

function machine(change: Partial<Extract<Machine, { known: true }>>): Machine {
  const known = systemRecord().nodes?.[0]?.machine;
  if (known?.known !== true) throw new Error("the record's machine is known");
  return { ...known, ...change };
}

const seen = (change: Partial<Extract<Machine, { known: true }>>) =>
  breachesOf(checkSystem(withNodes(systemRecord(), { machine: machine(change) })), 10);

describe("never invent precision", () => {
  it("holds for figures that have a source, and for one that says why it has none", () => {
    expect(breachesOf(checkSystem(systemRecord()), 10)).toEqual([]);
    expect(breachesOf(checkTask(completedRecord()), 10)).toEqual([]);
    expect(breachesOf(checkTask({ ...completedRecord(), machine: machine({}) }), 10)).toEqual([]);
  });

  it("is broken by figures without a source, or from the future", () => {
    expect(seen({ source: "" })).toEqual(["its figures for local have no source"]);
    expect(seen({ readAt: systemRecord().at + 1 })[0]).toContain("its figures were read at");
  });

  it("is broken by figures that the catalog does not have", () => {
    expect(seen({ vcpu: 64 })).toEqual(["vcpu of local is said to be 64, and the catalog says 2"]);
    expect(seen({ diskBytes: 5 })).toEqual(["diskBytes of local is said to be 5, and the catalog says null"]);
    expect(seen({ monthlyPrice: null })[0]).toContain("the price of local is said to be null");
    expect(seen({ machineType: "large" })).toEqual(["its figures for large stand in no catalog"]);
  });

  it("is broken by a machine that is not known, without a word of why", () => {
    const record = { ...completedRecord(), machine: { known: false, machineType: "local", why: "" } as const };
    expect(breachesOf(checkTask(record), 10)).toEqual(["what local is cannot be said, and not why"]);
  });
});
