import type { MachineView } from "@sam/protocol/node-api";
import { describe, expect, it } from "vitest";

import { gibibytesText, isPriced, machineText, priceText } from "./machine-words.ts";

const machine = {
  known: true,
  machineType: "cx33",
  vcpu: 4,
  memoryBytes: 7.6 * 1024 ** 3,
  diskBytes: null,
  monthlyPrice: { amount: 7.3, currency: "EUR" },
  location: "fsn1",
  source: "the provider's catalog",
  readAt: 1,
} satisfies MachineView;

describe("a machine is what its catalog says", () => {
  it("and a part that is missing is said to be", () => {
    expect(machineText(machine)).toBe("cx33: 4 vCPU, 7.6 GiB RAM, disk not known, fsn1");
  });

  it("and one that the catalog cannot name is not guessed", () => {
    const unknown = { known: false, machineType: "cx53", why: "the catalog lists two" } as const;
    expect(machineText(unknown)).toBe("cx53: exact specs unavailable, the catalog lists two");
    expect(priceText(unknown)).toBe("price not known");
    expect(isPriced(unknown)).toBe(false);
  });
});

describe("a price", () => {
  it("is told by the hour and by the month, with its currency", () => {
    expect(priceText(machine)).toMatch(/€0\.01.* an hour \(€7\.30 a month\)/);
  });

  it("of nothing is nothing", () => {
    expect(priceText({ ...machine, monthlyPrice: { amount: 0, currency: "EUR" } })).toBe("costs nothing");
  });

  it("in a currency that the browser does not know is still told", () => {
    expect(priceText({ ...machine, monthlyPrice: { amount: 7.3, currency: "??" } })).toContain("7.30 ??");
  });
});

it("rounds memory as people say it", () => {
  expect([gibibytesText(8 * 1024 ** 3), gibibytesText(64.4 * 1024 ** 3)]).toEqual(["8 GiB", "64 GiB"]);
});
