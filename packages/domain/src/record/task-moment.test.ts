/** A moment between two events of a lull: what is known exactly, and what only by its first and its last beat. */
import { describe, expect, it } from "vitest";

import { lifeIn } from "../testing/task-life.ts";
import { momentAt, taskMomentOf } from "./task-moment.ts";

const life = lifeIn("running");
const after = taskMomentOf(life.facts);
const at = life.now;
const beats = {
  kind: "contact",
  count: 10,
  firstAt: at + 1_000,
  lastAt: at + 10_000,
  turn: null,
  firstSeq: null,
  lastSeq: null,
};
const atLast = { ...after, clocks: { ...after.clocks, lastContactAt: at + 10_000 } };
const entry = { after, atLast, lulls: [beats] };

describe("the moment of a task", () => {
  it("right after an entry, and after the last of its lull, is the one that was recorded", () => {
    expect(momentAt({ after, atLast: null, lulls: [] }, at + 5_000, null)).toEqual({ moment: after, counted: null });
    expect(momentAt(entry, at + 10_000, null)).toEqual({ moment: atLast, counted: null });
  });

  it("before the first beat of its lull knows nothing of it", () => {
    expect(momentAt(entry, at + 500, null)).toEqual({ moment: after, counted: null });
  });

  it("in the middle of a lull has the first beat for certain, and says what was counted", () => {
    const { moment, counted } = momentAt(entry, at + 5_000, null);
    expect(moment.clocks.lastContactAt).toBe(at + 1_000);
    expect(counted).toEqual({ from: at + 1_000, to: at + 10_000, count: 10 });
  });

  it("has progress by the agent's own messages, to the moment", () => {
    const updates = { ...beats, kind: "agent_update", turn: 1, firstSeq: 5, lastSeq: 14 };
    const { moment } = momentAt({ after, atLast, lulls: [updates] }, at + 5_000, at + 4_321);
    expect(moment.clocks.lastProgressAt).toBe(at + 4_321);
    expect(moment.clocks.lastContactAt).toBe(after.clocks.lastContactAt);
  });
});
