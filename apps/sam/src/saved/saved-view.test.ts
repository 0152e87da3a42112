import type { NodeId } from "@sam/domain/ids";
import type { SavedWorkView } from "@sam/protocol/saved-work-api";
import { describe, expect, it } from "vitest";

import { savedLines } from "./saved-view.ts";

const now = 10_000_000;
const minuteMs = 60_000;
const taskId = "task_01J0000000000000000000000A";

function saved(forget: SavedWorkView["forget"]): Parameters<typeof savedLines>[0] {
  return {
    leftOut: [],
    place: "remote",
    whyNotPushed: null,
    nodeId: "node_01J0000000000000000000000B" as NodeId,
    placedAt: 0,
    forget,
    ref: `refs/sam/wip/${taskId}`,
    summary: "1 file (+1 −0), 1 file not committed",
    isKept: forget === null,
    fetchLine: null,
  };
}

describe("saved work that nobody needs any more says when it goes", () => {
  const delivered = { cause: "continued", askedAt: now - 6 * minuteMs, detail: null } as const;

  it("in so long, while it is left for whoever wants it after all", () => {
    const lines = savedLines(saved({ ...delivered, dueAt: now + 54 * minuteMs, tries: 0 }), taskId, now);
    expect(lines).toContain("  goes      in 54 m: it was delivered 6 m ago");
  });

  it.each([
    ["is due, and no machine has heard of it", { dueAt: now - 1, tries: 0 }, ""],
    ["was tried, and is tried again", { dueAt: now + minuteMs, tries: 1 }, ""],
    [
      "was tried in vain",
      { dueAt: now + minuteMs, tries: 1, detail: "no\u001b[2J remote" },
      "; the last try: no remote",
    ],
  ])("by a machine, once that %s", (_when, forget, lastTry) => {
    expect(savedLines(saved({ ...delivered, ...forget }), taskId, now)).toContain(
      `  goes      when a machine of yours that is connected has removed it: it was delivered 6 m ago${lastTry}`,
    );
  });

  it("and of work that is kept nothing goes", () => {
    const lines = savedLines(saved(null), taskId, now);
    expect(lines.filter((line) => line.startsWith("  goes"))).toEqual([]);
    expect(lines).toContain(`  back      sam say ${taskId} "…" brings it back`);
  });
});
