import { describe, expect, it } from "vitest";

import { redeliveryDelayMs, retryDelayMs } from "./retry.ts";

describe("a retry", () => {
  it("waits 5 s, doubled with each try, a minute at most", () => {
    expect([0, 1, 2, 3, 4, 50, 5_000].map(retryDelayMs)).toEqual([
      5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000,
    ]);
  });

  it("of an effect is quick at first, and half a minute at most", () => {
    expect([0, 1, 2, 7, 50, 5_000].map(redeliveryDelayMs)).toEqual([250, 500, 1_000, 30_000, 30_000, 30_000]);
  });
});
