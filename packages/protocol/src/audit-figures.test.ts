/** A figure says what it found, since when it is known, and whom to look at. */
import { isId } from "@sam/domain/ids";
import { describe, expect, it } from "vitest";

import type { AuditView } from "./audit-api.ts";
import { auditFigures } from "./audit-figures.ts";

const from = Date.UTC(2026, 9, 26);
const minute = 60_000;
const taskId = idOf("task", "task_01JAAAAAAAAAAAAAAAAAAAAA01");
const nodeId = idOf("node", "node_01JAAAAAAAAAAAAAAAAAAAAA01");

function idOf<Noun extends "task" | "node">(noun: Noun, id: string) {
  if (!isId(noun, id)) throw new Error(`${id} is no id of a ${noun}`);
  return id;
}

const good: AuditView = {
  from,
  to: from + 30 * 24 * 60 * minute,
  days: 30,
  outages: [],
  stuck: { since: from, tasks: [] },
  unowned: { since: null, resources: [] },
  repaired: { since: from, sentAgain: 0, deduplicated: 0, by: [] },
  silence: { since: from, longestMs: 0, spans: [] },
  sweeps: { since: from, missed: 0, gaps: [], lastAt: null },
};

const figuresOf = (audit: AuditView) =>
  auditFigures(audit, {
    time: (at) => new Date(at).toISOString().slice(11, 16),
    duration: (ms) => `${ms / minute} m`,
  });

describe("the figures of an audit", () => {
  it("are good where everything was looked at, and not known where nobody looks yet", () => {
    expect(figuresOf(good).map(({ name, value, isGood }) => [name, value, isGood])).toEqual([
      ["Tasks stuck past a deadline", "none", true],
      ["Unowned resources found", "not recorded yet", null],
      ["Messages repaired", "none", true],
      ["Longest silence without an explanation", "none", true],
      ["Sweeps missed while SAM was on", "none; none has run yet", true],
    ]);
  });

  it("name the tasks behind them", () => {
    const late = {
      step: "running",
      deadlineAt: from,
      until: null,
      lateMs: 5 * minute,
      did: "set its alarm again",
    } as const;
    const [stuck] = figuresOf({ ...good, stuck: { since: from, tasks: [{ taskId, title: "Say hello", ...late }] } });
    expect(stuck).toMatchObject({ value: "1, the longest for 5 m", isGood: false });
    const text = "running was due 00:00, late by 5 m, and still is. The sweep set its alarm again.";
    expect(stuck?.behind).toMatchObject([{ subject: { kind: "task", id: taskId }, name: "Say hello", text }]);
  });

  it("say of a repair that it is one, and not a fault", () => {
    const by = [{ subjectId: taskId, what: "deduplicated", count: 3, lastAt: from }] as const;
    const repaired = figuresOf({ ...good, repaired: { since: from, sentAgain: 0, deduplicated: 3, by: [...by] } })[2];
    expect(repaired).toMatchObject({ value: "3 (0 sent again, 3 came twice and were passed over)", isGood: true });
    expect(repaired?.behind).toMatchObject([{ subject: { kind: "task", id: taskId } }]);
  });

  it("count a silence that is explained beside those that are not, and name the tasks of its node", () => {
    const span = { nodeId, from, to: from + minute, lastedMs: minute, explanation: "it was cut off on purpose" };
    const spans = [{ ...span, taskIds: [taskId] }];
    const silence = figuresOf({ ...good, silence: { since: from, longestMs: 0, spans } })[3];
    expect(silence).toMatchObject({ value: "none; 1 explained", isGood: true });
    expect(silence?.behind.map(({ name, text }) => [name, text])).toEqual([
      [nodeId, "silent for 1 m from 00:00: it was cut off on purpose."],
      [taskId, `was on ${nodeId} then.`],
    ]);
  });
});
