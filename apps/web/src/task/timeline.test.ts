import type { TransitionView } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";

import { sharesOf, spansOf } from "./timeline.ts";

const transition = (version: number, to: TransitionView["to"], at: number): TransitionView => ({
  version,
  from: null,
  to,
  at,
  cause: "submitted",
});

describe("a timeline", () => {
  const running = [
    transition(1, "node_selection", 0),
    transition(2, "running", 100),
    transition(3, "awaiting_input", 1_100),
  ];

  it("has the steps with their lengths; the last one goes on", () => {
    expect(spansOf(running)).toMatchObject([
      { step: "node_selection", since: 0, until: 100 },
      { step: "running", since: 100, until: 1_100 },
      { step: "awaiting_input", since: 1_100, until: null },
    ]);
    expect(sharesOf(spansOf(running), 1_600)).toEqual([0.1, 1, 0.5]);
  });

  it("is frozen at the end", () => {
    const ended = spansOf([...running, transition(4, "cancelled", 2_000)]);
    expect(ended.at(-1)).toMatchObject({ since: 2_000, until: 2_000 });
    expect(sharesOf(ended, 999_999)).toEqual([100 / 1_000, 1, 0.9, 0]);
  });

  it("says how often the task was in a step before, and shows the shortest one", () => {
    const again = spansOf([...running, transition(4, "running", 100_000), transition(5, "delivery", 100_001)]);
    expect(again.map((span) => span.again)).toEqual([0, 0, 0, 1, 0]);
    expect(Math.min(...sharesOf(again, 200_000))).toBe(0.01);
  });
});
