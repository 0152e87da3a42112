import type { TaskView } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";

import { someTask, taskId } from "../../test/support/some-task.ts";
import { saidText } from "./say-command.ts";
import { taskLines } from "./task-facts-view.ts";
import { howTo, wantedOf } from "./wanted.ts";

const plain = (_: string, text: string) => text;
const now = 1_000_000;
const other = "task_01J0000000000000000000000B" as TaskView["taskId"];
const text = (task: TaskView) => taskLines(task, plain, now).join("\n");

const permission: NonNullable<TaskView["permission"]> = {
  requestId: "1",
  title: "Write a.txt\u001b[2J",
  detail: "+ hello\n+ world",
  toolKind: "edit",
  askedAt: 0,
  options: [
    { optionId: "a", name: "Yes", kind: "allow_once" },
    { optionId: "b", name: "No", kind: "reject_once" },
  ],
};

describe("the facts of a task", () => {
  it("name its policy, its mode and the tasks before and after it", () => {
    const task = someTask({ permissionPolicy: "allow_edits", mode: "conversation", continues: other });
    expect(text(task)).toContain("  policy    allow_edits, in conversation mode");
    expect(text(task)).toContain(`  continues ${other}`);
    expect(text(someTask({ final: true, step: "completed", continuedBy: other }))).toContain(`  goes on   as ${other}`);
  });

  it.each([
    ["turn", "all turns so far"],
    ["last_call", "the last model call only; the whole is not known"],
    ["session", "the whole session so far"],
  ] as const)("say what the usage is of: %s", (scope, words) => {
    const usage = {
      scope,
      inputTokens: 1_234_567,
      outputTokens: 8,
      cachedInputTokens: null,
      cost: { amount: 0.012_345, currency: "USD" },
    };
    expect(text(someTask({ usage }))).toContain(`  usage     1,234,567 tokens in, 8 out, 0.0123 USD (${words})`);
  });

  it("say since when the model fails, how, and when the turn is given up", () => {
    const failure = { kind: "unavailable" as const, status: 503, detail: "busy\r✓ Completed" };
    const modelTrouble = { since: now - 60_000, giveUpAt: now + 240_000, failure };
    expect(text(someTask({ modelTrouble }))).toContain(
      "▲ the model has answered no call for 1 m: unavailable, HTTP 503: “busy␍✓ Completed”; the turn is given up in 4 m",
    );
  });

  it("read the progress of an installation as an amount", () => {
    const clocks = { inStateSince: 0, lastProgressAt: now - 2_000, lastContactAt: null, frozenAt: null };
    expect(text(someTask({ clocks, progress: "agent_install 123456789" }))).toContain(
      "progress  2 s ago: agent install, 123.5 MB",
    );
  });

  it("show the question with what would be done, its options and how to answer", () => {
    const asking = text(someTask({ step: "awaiting_input", permission, furtherPermissions: 2 }));
    expect(asking).toContain(
      [
        "? Write a.txt (edit)",
        "  │ + hello",
        "  │ + world",
        "  1  Yes (allow_once)",
        "  2  No (reject_once)",
        "  2 more wait behind it.",
        `  Answer with: sam answer ${taskId} <number>`,
      ].join("\n"),
    );
  });

  it.each([
    ["next_turn", "begins its next turn"],
    ["waits_for_the_turn", "is told at the end of the turn that runs"],
    ["continues", "continues it, as a new task on the same branch"],
  ] as const)("say what saying more would do: %s", (canSay, words) => {
    expect(text(someTask({ canSay, waitingTexts: [] }))).toContain(`  say more  sam say ${taskId} "…" ${words}`);
  });

  it("show what is still to be told", () => {
    expect(text(someTask({ waitingTexts: ["and then\u001b[2J the docs"] }))).toContain("  waiting   and then the docs");
  });
});

describe("what a task wants", () => {
  it("is an answer, or the next words, and nothing while a turn runs", () => {
    const asking = wantedOf(someTask({ step: "awaiting_input", permission }));
    expect(asking).toMatchObject({ kind: "answer", key: "answer 1" });
    const waiting = wantedOf(someTask({ step: "awaiting_input", canSay: "next_turn" }));
    expect(waiting).toMatchObject({ kind: "words" });
    expect(waiting === null ? "" : howTo(waiting, taskId)).toContain(`sam deliver ${taskId}`);
    expect(wantedOf(someTask({ canSay: "waits_for_the_turn" }))).toBeNull();
    expect(wantedOf(someTask({ step: "completed", final: true, canSay: "continues" }))).toBeNull();
  });
});

describe("what was said", () => {
  const followUp = { prompt: "more" };

  it("is told as what was made of it", () => {
    expect(saidText(taskId, someTask(), followUp)).toBe(`Told. ${taskId} is in running.`);
    expect(saidText(taskId, someTask({ waitingTexts: ["a", "more"] }), followUp)).toContain(
      "is told at the end of the turn that runs, after 1 more text",
    );
    expect(saidText(taskId, someTask(), { ...followUp, interrupt: true })).toContain("The turn is cancelled first");
    expect(saidText(other, someTask({ branch: "sam/a\u001b[2J" }), followUp)).toBe(
      `${taskId} continues ${other} on its branch sam/a.`,
    );
  });
});
