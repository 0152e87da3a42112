import { describe, expect, it } from "vitest";

import { agentView } from "../../testing/agents.ts";
import { nowMs, taskView } from "../../testing/task-rows.ts";
import { checkResult, type TurnEnded } from "./check-result.ts";

const ended = (model: TurnEnded["model"]): TurnEnded => ({
  kind: "turn_ended",
  turn: 1,
  stopReason: "end_turn",
  detail: null,
  usage: null,
  model,
});
const answered = ended({ calls: 2, failedCalls: 0, lastFailure: null });
const completed = taskView({ step: "completed", final: true });
const refused = { kind: "unauthorized", status: 401, detail: "invalid key" } as const;

describe("a check works only where the model was seen to answer", () => {
  it("with calls that the node counted", () => {
    expect(checkResult(agentView(), completed, answered, nowMs)).toMatchObject({
      status: { meaning: "done", word: "works" },
      text: expect.stringContaining("answered 2 calls"),
    });
  });

  it.each([
    ["nobody saw the turn end", null],
    ["nobody counted", ended(null)],
    ["there was no call", ended({ calls: 0, failedCalls: 0, lastFailure: null })],
    ["the last call failed", ended({ calls: 1, failedCalls: 1, lastFailure: refused })],
  ])("not where %s", (_what, turn) => {
    expect(checkResult(agentView(), completed, turn, nowMs).status).toMatchObject({
      meaning: "yours",
      word: "does not work yet",
    });
  });

  it("not where the turn did not end well", () => {
    const verdicts = { ...completed.verdicts, ended: { holds: false, stopReason: "refusal", detail: "no" } };
    expect(checkResult(agentView(), { ...completed, verdicts }, answered, nowMs).status.meaning).toBe("yours");
  });

  it("of an agent without a model asks for none", () => {
    const runbook = agentView({ npmPackage: null, keyName: null });
    expect(checkResult(runbook, completed, ended(null), nowMs).status.meaning).toBe("done");
  });
});

it("a failure says what to do, with its evidence", () => {
  const failure = { reason: "model_unauthorized", whatToDo: "Set the key.", evidence: "401", at: nowMs } as const;
  const task = taskView({ step: "failed", final: true, failure });
  expect(checkResult(agentView(), task, null, nowMs)).toMatchObject({
    status: { meaning: "failed" },
    text: "Set the key.",
    evidence: "401",
  });
});

it("says what it waits for while it goes on", () => {
  expect(checkResult(agentView(), taskView(), null, nowMs).text).toBe("It waits for the end of the agent's turn.");
});
