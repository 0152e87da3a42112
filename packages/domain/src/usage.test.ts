import { describe, expect, it } from "vitest";

import { addUsage, type TurnUsage } from "./usage.ts";

const used = (more: Partial<TurnUsage> = {}): TurnUsage => ({
  scope: "turn",
  inputTokens: 100,
  outputTokens: 10,
  cachedInputTokens: 5,
  cost: { amount: 0.5, currency: "USD" },
  ...more,
});

describe("the usage of a task", () => {
  it("is not the sum of sessions, nor of last calls: the newest figure replaces the one before", () => {
    for (const scope of ["session", "last_call"] as const) {
      const next = used({ scope, inputTokens: 150 });
      expect(addUsage(used({ scope }), next)).toEqual(next);
    }
  });

  it("is not the sum of figures that are of different things", () => {
    expect(addUsage(used(), used({ scope: "session" }))).toEqual(used({ scope: "session" }));
    expect(addUsage(used({ scope: "last_call" }), used())).toEqual(used());
  });

  it("names no cost where one turn's is not known, or is in another currency", () => {
    expect(addUsage(used(), used({ cost: null })).cost).toBeNull();
    expect(addUsage(used(), used({ cost: { amount: 1, currency: "EUR" } })).cost).toBeNull();
    expect(addUsage(used({ cachedInputTokens: null }), used()).cachedInputTokens).toBeNull();
  });

  it("is the sum of its turns", () => {
    expect(addUsage(addUsage(used(), used()), used())).toEqual(
      used({ inputTokens: 300, outputTokens: 30, cachedInputTokens: 15, cost: { amount: 1.5, currency: "USD" } }),
    );
    expect(addUsage(null, used())).toEqual(used());
  });
});
