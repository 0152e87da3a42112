/** Sweeps that were missed, and outages, in which none could be. */
import { describe, expect, it } from "vitest";

import { missedSweeps, offWithin } from "./missed-sweeps.ts";

const minute = 60_000;

describe("sweeps are missed", () => {
  it.each([
    ["none, a minute later", 1, [], null],
    ["none, where one was late", 2.5, [], null],
    ["nine in ten minutes", 10, [], 9],
    ["none while everything was off", 10, [{ from: 0, to: 9 * minute }], null],
    ["those before an outage", 60, [{ from: 10 * minute, to: 60 * minute }], 9],
  ] as const)("%s", (_what, minutes, outages, missed) => {
    expect(missedSweeps(0, minutes * minute, outages)?.missed ?? null).toBe(missed);
  });
});

it("an outage counts as far as it lies in the span, and what two share counts once", () => {
  const outages = [
    { from: -10, to: 10 },
    { from: 5, to: 20 },
    { from: 90, to: 200 },
    { from: 300, to: 400 },
  ];
  expect(offWithin(0, 100, outages)).toBe(30);
});
