import { expect, it } from "vitest";

import { DialBackoff } from "./dial-backoff.ts";

it("doubles from a tenth of a second to five, never less than half of that, and begins anew", () => {
  const backoff = new DialBackoff();
  const waits = Array.from({ length: 8 }, () => backoff.nextMs(() => 1));
  expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  expect(backoff.nextMs(() => 0)).toBe(2_500);
  backoff.reset();
  expect(backoff.nextMs(() => 0)).toBe(50);
});
