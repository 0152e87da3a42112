/** The audit as a person reads it in a terminal. */
import type { AuditView } from "@sam/protocol/audit-api";
import { expect, it } from "vitest";

import { taskId } from "../../test/support/some-task.ts";
import { paintWith } from "../terminal/style.ts";
import { auditLines } from "./audit-lines.ts";

const from = Date.UTC(2026, 9, 26);
const to = from + 30 * 24 * 3_600_000;

const audit = {
  from,
  to,
  days: 30,
  outages: [{ from: from + 1_000, to: from + 61_000 }],
  stuck: {
    since: from + 60_000,
    tasks: [
      {
        taskId,
        title: "Say hello",
        step: "running",
        deadlineAt: from,
        until: from + 120_000,
        lateMs: 120_000,
        did: "failed it",
      },
    ],
  },
  unowned: { since: null, resources: [] },
  repaired: { since: from + 10_000, sentAgain: 1, deduplicated: 2, by: [] },
  silence: { since: from + 10_000, longestMs: 0, spans: [] },
  sweeps: { since: from + 10_000, missed: 0, gaps: [], lastAt: to },
} as unknown as AuditView;

it("says each figure, since when it is known where that is not all along, who is behind it, and the outages apart", () => {
  expect(auditLines(audit, paintWith(false))).toEqual([
    "The last 30 days, since 2026-10-26 00:00:00:",
    "▲ Tasks stuck past a deadline: 1, the longest for 2 m (known since 2026-10-26 00:01:00)",
    `    ${taskId} (Say hello)  running was due 2026-10-26 00:00:00, late by 2 m. The sweep failed it.`,
    "? Unowned resources found: not recorded yet",
    "✓ Messages repaired: 3 (1 sent again, 2 came twice and were passed over)",
    "✓ Longest silence without an explanation: none",
    "✓ Sweeps missed while SAM was on: none; the last ran 2026-11-25 00:00:00",
    "· Known since 2026-10-26 00:00:10: the log is no older.",
    "· SAM was off once, for 1 m in all; nothing could be missed then.",
  ]);
});
