import type { TaskView } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";

import { pageSilentMs, shownStatus } from "./shown-status.ts";

const at = Date.UTC(2026, 0, 1);
const clocks = { inStateSince: at, lastProgressAt: at, lastContactAt: at, frozenAt: null };
const running = {
  step: "running",
  final: false,
  clocks,
  modelTrouble: null,
  stalledSince: null,
  deadlineAt: null,
} as TaskView;

describe("the status that a page shows", () => {
  it("is the runner's while it is heard", () => {
    expect(shownStatus(running, { kind: "live", since: at }, at + 1_000)).toMatchObject({ meaning: "active" });
  });

  it("is still the runner's when contact was lost a moment ago", () => {
    const link = { kind: "waiting", lostAt: at, attempt: 1, dialsAt: at } as const;
    expect(shownStatus(running, link, at + pageSilentMs)).toMatchObject({ meaning: "active" });
  });

  it("is not known, since then, when nothing was heard for longer than heartbeats may be missed", () => {
    const link = { kind: "dialling", lostAt: at, attempt: 4 } as const;
    expect(shownStatus(running, link, at + pageSilentMs + 1)).toEqual({
      meaning: "unknown",
      word: "not known; it was: running",
      since: at,
    });
  });

  it("of a task that has ended stays as it is: nothing moves there any more", () => {
    const failed = { ...running, step: "failed", final: true, failure: null } as TaskView;
    const link = { kind: "waiting", lostAt: at, attempt: 9, dialsAt: at } as const;
    expect(shownStatus(failed, link, at + 3_600_000)).toMatchObject({ meaning: "failed" });
  });
});
