import type { NodeTaskEvent } from "@sam/domain/node-task";
import { isFinal, taskSteps } from "@sam/domain/task-lifecycle";
import { alphabet } from "@sam/domain/testing/task-alphabet";
import { lifeIn, taskId } from "@sam/domain/testing/task-life";
import { describe, expect, it } from "vitest";

import { downFrameSchema, upFrameSchema } from "./node-channel.ts";
import { nodeCommandSchema } from "./node-command.ts";
import { nodeTaskEventSchema } from "./node-task-event.ts";
import { protocolVersion } from "./version.ts";

const events: readonly NodeTaskEvent[] = alphabet(lifeIn("running").facts).flatMap((event) =>
  event.type === "vm_agent" ? [event.event] : [],
);
const hello = {
  type: "hello",
  protocol: protocolVersion,
  bootId: "boot-0001",
  vmAgentVersion: "0.1.0",
  isolation: { processes: "bubblewrap", limits: "cgroup-v1", reasons: [] },
  agents: ["runbook"],
};

describe("what a VM agent reports", () => {
  it("crosses the wire whole: every kind of event that the domain knows, with every field", () => {
    for (const event of events) expect(nodeTaskEventSchema.parse(structuredClone(event))).toEqual(event);
    const known = new Set(nodeTaskEventSchema.options.map((option) => option.shape.type.value));
    expect(new Set(events.map(({ type }) => type))).toEqual(known);
  });

  it.each([
    ["a kind that nobody knows", { type: "agent_promoted" }],
    ["a reason that is not of the closed list", { ...failed(), reason: "something_went_wrong" }],
    ["a line of a receipt that is none", { type: "receipt", line: "trust_me", proof: "" }],
    ["a turn that is no number", { type: "agent_update", turn: "1", update: {} }],
    ["more output than it may send", { ...failed(), evidence: "a".repeat(16_385) }],
    ["no object", null],
  ])("is refused where it is %s", (_what, event) => {
    expect(nodeTaskEventSchema.safeParse(event).success).toBe(false);
  });
});

describe("a frame of a VM agent", () => {
  it("is a hello, events, an acknowledgement or a heartbeat", () => {
    expect(upFrameSchema.safeParse(hello).success).toBe(true);
    const event = { type: "workspace_accepted" };
    expect(
      upFrameSchema.safeParse({ type: "events", events: [{ taskId, seq: 1, observedAt: 0, event }] }).success,
    ).toBe(true);
    expect(upFrameSchema.safeParse({ type: "command_ack", commandId: `${taskId}.1` }).success).toBe(true);
  });

  it.each([
    ["no events", { type: "events", events: [] }],
    [
      "an event before the first",
      { type: "events", events: [{ taskId, seq: 0, observedAt: 0, event: { type: "workspace_accepted" } }] },
    ],
    [
      "an event of no task",
      { type: "events", events: [{ taskId: "task_1", seq: 1, observedAt: 0, event: { type: "workspace_accepted" } }] },
    ],
    ["a boot without an id", { ...hello, bootId: "" }],
    ["a word of the other direction", { type: "welcome", protocol: 1, epoch: 1, heartbeatIntervalMs: 1 }],
  ])("is refused where it holds %s", (_what, frame) => {
    expect(upFrameSchema.safeParse(frame).success).toBe(false);
  });
});

describe("what a VM agent is told", () => {
  it("crosses the wire whole: every command that a task gives on its way through every step", () => {
    const seen = new Set<string>();
    for (const step of taskSteps) {
      const life = lifeIn(step, { mode: step === "delivery" ? "conversation" : "task" });
      if (!isFinal(step)) life.happens({ type: "answered", requestId: "q1", optionId: "yes", by: "user" });
      while (!isFinal(life.step)) life.looks();
      for (const { effect } of life.effects) {
        if (effect.kind !== "command") continue;
        const command = { commandId: effect.commandId, taskId, body: effect.body };
        seen.add(effect.body.type);
        expect(nodeCommandSchema.parse(structuredClone(command))).toEqual(command);
        expect(downFrameSchema.safeParse({ type: "command", command }).success).toBe(true);
      }
    }
    expect(seen).toEqual(new Set(nodeCommandSchema.shape.body.options.map((option) => option.shape.type.value)));
  });
});

function failed(): NodeTaskEvent {
  const [event] = events.filter(({ type }) => type === "command_failed");
  if (event === undefined) throw new Error("no failed command in the alphabet");
  return event;
}
