/** What is on record of a moment is shown of it, and nothing that came later shines through. */
import { taskMomentOf } from "@sam/domain/record/task-moment";
import { lifeIn } from "@sam/domain/testing/task-life";
import { describe, expect, it } from "vitest";

import type { Message } from "./message.ts";
import { taskViewSchema, type TaskView, type TransitionView } from "./task-api.ts";
import { taskAsOf } from "./task-as-of.ts";

const life = lifeIn("running");
const { facts } = life;
const begunAt = facts.createdAt;
const transitions: readonly TransitionView[] = life.transitions.map(({ version, from, to, at, cause }) => {
  return { version, from, to, at, cause };
});

/** As it is at its end, with everything that came to it. */
const now: TaskView = taskViewSchema.parse({
  ...facts.request,
  ...facts,
  continues: null,
  step: "failed",
  final: true,
  canCancel: false,
  canSay: "continues",
  canInterrupt: false,
  canDeliver: false,
  release: null,
  version: 12,
  clocks: { inStateSince: begunAt + 90_000, lastProgressAt: null, lastContactAt: null, frozenAt: begunAt + 90_000 },
  waitsFor: null,
  onDeadline: null,
  progress: null,
  baseCommit: "ba5e",
  verdicts: {
    ended: { holds: false, stopReason: "none", detail: "it never ended" },
    produced: null,
    checked: null,
    pushed: null,
  },
  failure: { reason: "turn_timeout", whatToDo: "Look.", evidence: "8 h", at: begunAt + 90_000 },
  receipt: [{ line: "signal_sent", at: begunAt + 80_000, proof: "SIGTERM" }],
  unproven: [],
  receiptLines: [
    { line: "signal_sent", state: "proven", at: begunAt + 80_000, proof: "SIGTERM" },
    { line: "processes_gone", state: "open", at: null, proof: null },
  ],
  canForce: false,
  canDiscardSavedWork: true,
  savedRef: "refs/sam/wip/x",
  permission: null,
  furtherPermissions: 0,
  continuedBy: null,
});

const question = (seq: number, at: number, requestId: string): Message => ({
  seq,
  at,
  author: "sam",
  body: { kind: "permission", requestId, title: "May I?", detail: null, toolKind: "execute", options: [] },
});
const settled = (seq: number, at: number, requestId: string): Message => ({
  seq,
  at,
  author: "sam",
  body: { kind: "permission_settled", requestId, optionId: null, by: "sam" },
});

describe("a task as it was", () => {
  it("has the step of its transition, and the clocks that were recorded", () => {
    const moment = taskMomentOf(facts);
    const past = { transitions, known: { moment, counted: null }, messages: [] };
    const then = taskAsOf(now, past, life.now);
    expect(then).toMatchObject({
      step: "running",
      final: false,
      version: facts.version,
      clocks: facts.clocks,
      deadlineAt: facts.deadlineAt,
      nodeId: facts.nodeId,
      failure: null,
      receipt: [],
      savedRef: null,
      canSay: null,
    });
    expect(then.verdicts).toEqual({ ended: null, produced: null, checked: null, pushed: null });
    expect(then.waitsFor).not.toBeNull();
  });

  it("of which nothing was recorded has its step and since when, and no deadline that nobody knows", () => {
    const then = taskAsOf(now, { transitions, known: null, messages: [] }, begunAt);
    expect(then).toMatchObject({
      step: "node_selection",
      version: 1,
      deadlineAt: null,
      nodeId: null,
      baseCommit: null,
    });
    expect(then.clocks).toEqual({ inStateSince: begunAt, lastProgressAt: null, lastContactAt: null, frozenAt: null });
  });

  it("is not told the clocks of another step", () => {
    const known = { moment: taskMomentOf(facts), counted: null };
    const then = taskAsOf(now, { transitions, known, messages: [] }, begunAt);
    expect(then).toMatchObject({ step: "node_selection", deadlineAt: null });
  });

  it("has the questions that were open, oldest first", () => {
    const at = life.now;
    const messages = [
      question(1, at, "a"),
      question(2, at + 1, "b"),
      settled(3, at + 2, "a"),
      question(4, at + 3, "c"),
    ];
    const openAt = (moment: number) => {
      const { permission, furtherPermissions } = taskAsOf(now, { transitions, known: null, messages }, moment);
      return [permission?.requestId ?? null, furtherPermissions];
    };
    expect([0, 1, 2, 3].map((ms) => openAt(at + ms))).toEqual([
      ["a", 0],
      ["a", 1],
      ["b", 0],
      ["b", 1],
    ]);
    expect(openAt(at - 1)).toEqual([null, 0]);
  });

  it("has the receipt as far as it was proven, and at the end its failure", () => {
    const end: TransitionView = { version: 12, from: "running", to: "failed", at: begunAt + 90_000, cause: "deadline" };
    const past = { transitions: [...transitions, end], known: null, messages: [] };
    expect(taskAsOf(now, past, begunAt + 80_000).receipt).toEqual(now.receipt);
    expect(taskAsOf(now, past, begunAt + 79_999)).toMatchObject({ receipt: [], failure: null });
    expect(taskAsOf(now, past, begunAt + 90_000)).toMatchObject({ step: "failed", failure: now.failure, final: true });
  });
});
