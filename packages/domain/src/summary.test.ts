import { describe, expect, it } from "vitest";

import { maxSummaryBytes, summaryOf, type SummedUp } from "./summary.ts";
import { goodDelivery, lifeIn, taskId } from "./testing/task-life.ts";

const prompt = (turn: number, text: string): SummedUp => ({ kind: "prompt", turn, text });
const update = (body: Record<string, unknown>): SummedUp => ({ kind: "agent_update", turn: 1, update: body });
const prose = (text: string) => update({ sessionUpdate: "agent_message_chunk", content: { type: "text", text } });
const tool = update({ sessionUpdate: "tool_call", title: "npm test" });
const bytesOf = (text: string) => new TextEncoder().encode(text).length;

describe("a summary", () => {
  it("is at most 8 KB of UTF-8 and whole characters, whatever was said; what is asked now can follow it", () => {
    const long = "🕰 ü\n".repeat(20_000);
    const life = lifeIn("completed", {
      prompt: long,
      continues: { taskId, rootTaskId: taskId, branch: "b".repeat(255), sessionId: null, nodeId: null, summary: long },
    });
    const facts = { ...life.facts, failure: { reason: "check_failed", evidence: long, at: 0 } as const };
    const messages = [
      prompt(1, long),
      ...Array.from({ length: 100 }, (_v, turn) => prompt(turn + 2, long)),
      prose(long),
    ];
    const summary = summaryOf(facts, messages);
    expect(bytesOf(summary)).toBeLessThanOrEqual(maxSummaryBytes);
    expect(bytesOf(summary)).toBeGreaterThan(maxSummaryBytes / 2);
    expect(summary.isWellFormed()).toBe(true);
    expect(summary).toMatch(/What is asked now:$/);
  });

  it("holds what was asked, what was said last, and what came of it", () => {
    const life = lifeIn("completed");
    const summary = summaryOf(life.facts, [
      prompt(1, life.facts.request.prompt),
      prose("I look around."),
      tool,
      prose("The clock was "),
      prose("an hour late."),
    ]);
    expect(summary).toContain("- | Fix the clock");
    expect(summary).toContain("What was answered last:\n| The clock was an hour late.");
    expect(summary).not.toContain("look around");
    expect(summary).toContain(`Pushed to ${life.facts.branch} at ${goodDelivery.pushed?.commit}`);
    expect(summary).toContain("1 commits, 2 files");
  });

  it("holds the first and the last things that were asked, and how many are left out", () => {
    const { facts } = lifeIn("completed");
    const asked = Array.from({ length: 10 }, (_v, index) => prompt(index + 2, `then ${index}`));
    const summary = summaryOf(facts, [prompt(1, facts.request.prompt), ...asked]);
    expect(summary).toContain("- | Fix the clock");
    expect(summary).toContain("- (6 more)");
    expect(summary).toMatch(/then 6\n- \| then 7\n- \| then 8\n- \| then 9/);
  });

  it("opens no block of code, whoever wrote one: what was run once is not run again by who goes on", () => {
    const code = "```sh\nmake deploy\n```\n  ~~~sh\nmake deploy\n~~~";
    const earlier = { taskId, rootTaskId: taskId, branch: "b", sessionId: null, nodeId: null, summary: code };
    const life = lifeIn("completed", { prompt: code, continues: earlier });
    const checked = { outcome: "failed", command: code, exitCode: 1, durationMs: 1, outputTail: "" } as const;
    const failure = { reason: "check_failed", evidence: code, at: 0 } as const;
    const facts = { ...life.facts, failure, verdicts: { ...life.facts.verdicts, checked } };
    const summary = summaryOf(facts, [prompt(1, code), prompt(2, code), prose(code)]);
    const lines = summary.split("\n").filter((line) => /`{3}|~{3}/.test(line));
    expect(lines.length).toBeGreaterThan(20);
    // A fence also opens behind the marks of lists and quotes.
    expect(lines.filter((line) => /^(?:\s|>|[-+*]|\d+[.)])*(?:`{3}|~{3})/.test(line))).toEqual([]);
  });

  it("takes nothing for granted of what an agent sent", () => {
    const { facts } = lifeIn("failed");
    const odd = [{}, { sessionUpdate: "agent_message_chunk" }, { sessionUpdate: "agent_message_chunk", content: 1 }];
    const summary = summaryOf(facts, [...odd.map(update), update({ sessionUpdate: 3, content: { text: {} } })]);
    expect(summary).toContain("It failed (lost_runner)");
    expect(summary).toContain("Nothing was pushed");
    expect(summary).not.toContain("answered last");
  });
});
