import type { AgentView } from "@sam/protocol/agent-api";
import type { Message, MessageBody } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";

import { someAgent } from "../../test/support/some-agent.ts";
import { someTask } from "../../test/support/some-task.ts";
import { CheckProgress } from "./check-progress.ts";

const step = (to: TaskView["step"], tookMs = 1_200): MessageBody => ({
  kind: "step",
  from: null,
  to,
  text: "",
  tookMs,
});
const usage = { scope: "turn", inputTokens: 900, outputTokens: 3, cachedInputTokens: null, cost: null } as const;
const model = { calls: 1, failedCalls: 0, lastFailure: null };

function turnEnded(changes: Partial<Extract<MessageBody, { kind: "turn_ended" }>> = {}): MessageBody {
  return { kind: "turn_ended", turn: 1, stopReason: "end_turn", detail: null, usage, model, ...changes };
}

const proven = [step("workspace_creation"), step("workspace_ready"), step("agent_session"), step("running")];
const good = someTask({
  step: "completed",
  final: true,
  verdicts: { ended: { holds: true, stopReason: "end_turn", detail: "" }, produced: null, checked: null, pushed: null },
});

function failed(reason: NonNullable<TaskView["failure"]>["reason"]): TaskView {
  const failure = { reason, evidence: "as seen", whatToDo: "Do this.", at: 0 };
  return someTask({ step: "failed", final: true, failure });
}

function check(bodies: readonly MessageBody[], end: TaskView, agent: AgentView = someAgent()): CheckProgress {
  const progress = new CheckProgress(agent);
  for (const [index, body] of bodies.entries()) {
    const message: Message = { seq: index + 1, at: 0, author: "sam", body };
    progress.message(message);
  }
  progress.end(end);
  return progress;
}

const shown = ({ lines }: CheckProgress) => lines.map(({ stage, ok, text }) => `${ok ? "✓" : "✗"} ${stage} ${text}`);

describe("the check of an agent", () => {
  it("is good where the installation, the session, the model and the turn are each proven", () => {
    const progress = check([...proven, turnEnded(), step("delivery")], good);
    expect(shown(progress)).toEqual([
      "✓ machine ready",
      "✓ checkout done",
      "✓ installed Codex 2.6.0 (@agentclientprotocol/codex-acp)",
      "✓ session opened after 1.2 s",
      "✓ model answered: 1 model call; 900 tokens in, 3 out, in this turn",
      "✓ turn ended: end_turn",
    ]);
    expect(progress.isGood()).toBe(true);
  });

  it("tells each line when it is proven, and not again at a second try", () => {
    const progress = new CheckProgress(someAgent());
    const message = (body: MessageBody): Message => ({ seq: 1, at: 0, author: "sam", body });
    expect(progress.message(message(step("workspace_creation")))).toHaveLength(1);
    expect(progress.message(message(step("workspace_creation")))).toEqual([]);
  });

  it.each([
    ["the model never answered", turnEnded({ model: { calls: 0, failedCalls: 0, lastFailure: null } }), "no call"],
    [
      "its last call failed",
      turnEnded({ model: { calls: 2, failedCalls: 1, lastFailure: { kind: "unavailable", status: 500, detail: "" } } }),
      "HTTP 500",
    ],
    ["nobody saw its calls", turnEnded({ model: null }), "nobody saw it answer"],
  ])("is not good where the agent says done and %s", (_, ended, expected) => {
    const progress = check([...proven, ended], good);
    expect(progress.isGood()).toBe(false);
    expect(shown(progress).find((line) => line.startsWith("✗ model"))).toContain(expected);
  });

  it("is not good where the turn's own verdict does not hold", () => {
    const verdicts = { ...good.verdicts, ended: { holds: false, stopReason: "refusal", detail: "it refused" } };
    const progress = check([...proven, turnEnded()], { ...good, verdicts });
    expect(progress.isGood()).toBe(false);
    expect(shown(progress).at(-1)).toBe("✗ turn it did not end well: it refused");
  });

  it.each([
    ["agent_install_failed", proven.slice(0, 2), "✗ installed"],
    ["agent_not_configured", proven.slice(0, 3), "✗ settings"],
    ["agent_start_failed", proven.slice(0, 3), "✗ session"],
    ["model_unauthorized", proven, "✗ model"],
    ["turn_stalled", proven, "✗ turn"],
    ["capacity_timeout", [], "✗ machine"],
    ["repository_not_found", proven.slice(0, 1), "✗ checkout"],
  ] as const)("says of %s which part it is about, the evidence, and what to do", (reason, before, stage) => {
    const progress = check(before, failed(reason));
    expect(shown(progress).at(-1)).toBe(`${stage} ${reason}: as seen\nDo this.`);
    expect(progress.isGood()).toBe(false);
  });

  it("asks for no model of an agent that has none", () => {
    const runbook = someAgent({ agentId: "runbook", name: "Runbook", npmPackage: null, version: null, keyName: null });
    const progress = check([...proven, turnEnded({ model: null, usage: null })], good, runbook);
    expect(shown(progress).map((line) => line.slice(0, 9))).toEqual([
      "✓ machine",
      "✓ checkou",
      "✓ session",
      "✓ turn en",
    ]);
    expect(progress.isGood()).toBe(true);
  });
});
