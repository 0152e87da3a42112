import { describe, expect, it } from "vitest";

import { pushBack, unseen } from "./outage.ts";

describe("an outage", () => {
  it("moves a deadline by its length", () => {
    expect(pushBack(1_000, [{ from: 500, to: 800 }], 0)).toBe(1_300);
  });

  it("counts once, by the part that was not seen yet", () => {
    const outages = [{ from: 500, to: 800 }];
    expect(pushBack(1_000, outages, 600)).toBe(1_200);
    expect(pushBack(1_300, outages, 800)).toBe(1_300);
  });

  it("counts the time that it shares with another once, in whatever order they are listed", () => {
    const outages = [
      { from: 500, to: 800 },
      { from: 600, to: 900 },
      { from: 650, to: 700 },
      { from: 2_000, to: 2_100 },
    ];
    expect(pushBack(1_000, outages, 0)).toBe(1_500);
    expect(pushBack(1_000, outages.toReversed(), 0)).toBe(1_500);
  });

  it("that ended before it began is none", () => {
    expect(unseen([{ from: 800, to: 500 }], 0)).toEqual([]);
  });

  it("gives no deadline to what has none", () => {
    expect(pushBack(null, [{ from: 500, to: 800 }], 0)).toBeNull();
  });
});
