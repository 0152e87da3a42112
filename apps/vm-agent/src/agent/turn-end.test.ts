import { permissionRefused } from "@sam/domain/verdicts";
import { describe, expect, it } from "vitest";

import { claudeCode } from "./adapters/claude-code.ts";
import { codex } from "./adapters/codex.ts";
import { plainAcp } from "./adapters/plain-acp.ts";
import { readTurnEnd } from "./turn-end.ts";

const calm = { isCancelled: false, isRefused: false };
const answered = (stopReason: unknown, more: object = {}) =>
  ({ kind: "response", response: { stopReason, ...more } }) as const;

describe("the end of a turn", () => {
  it("is cancelled where SAM cancelled it, whatever the agent makes of that, and nowhere else", () => {
    const cancelled = { isCancelled: true, isRefused: false };
    for (const answer of [answered("cancelled"), answered("end_turn"), { kind: "error", detail: "aborted" } as const])
      expect(readTurnEnd(answer, plainAcp, cancelled)).toEqual({ stopReason: "cancelled", reportedFailure: null });
    expect(readTurnEnd(answered("cancelled"), plainAcp, calm)).toEqual({
      stopReason: "error",
      reportedFailure: "it cancelled its turn by itself",
    });
  });

  it("after a refusal is no cancel, and no success of an agent that stops there", () => {
    const refused = { isCancelled: false, isRefused: true };
    const end = { stopReason: permissionRefused, reportedFailure: null };
    expect(readTurnEnd(answered("cancelled"), codex, refused)).toEqual(end);
    expect(readTurnEnd(answered("end_turn"), codex, refused)).toEqual(end);
    expect(readTurnEnd(answered("end_turn"), claudeCode, refused)).toEqual({
      stopReason: "end_turn",
      reportedFailure: null,
    });
  });

  it("short of the work says why, and what is not of the protocol is an error", () => {
    expect(readTurnEnd(answered("max_tokens"), plainAcp, calm)).toMatchObject({
      stopReason: "max_tokens",
      reportedFailure: expect.stringContaining("limit"),
    });
    expect(readTurnEnd(answered("refusal"), plainAcp, calm).reportedFailure).toContain("refused");
    for (const answer of [answered("constructor"), answered(7), answered(undefined)])
      expect(readTurnEnd(answer, plainAcp, calm)).toMatchObject({ stopReason: "error" });
    expect(
      readTurnEnd({ kind: "error", detail: "x".repeat(10_000) }, plainAcp, calm).reportedFailure?.length,
    ).toBeLessThanOrEqual(4_096);
  });

  it("tells what the agent reports by structure", () => {
    const air = { version: 1, sessionFailure: { category: "service", severity: "error", title: "High demand" } };
    expect(readTurnEnd(answered("end_turn", { _meta: { jetbrains: { air } } }), codex, calm)).toEqual({
      stopReason: "end_turn",
      reportedFailure: "High demand (service)",
    });
    const warning = { ...air, sessionFailure: { ...air.sessionFailure, severity: "warning" } };
    expect(
      readTurnEnd(answered("end_turn", { _meta: { jetbrains: { air: warning } } }), codex, calm).reportedFailure,
    ).toBeNull();
  });
});
