/** The receipt of what the user answers and says: accepted, on the machine, read by the agent; or since when it is missed. */
import { describe, expect, it } from "vitest";

import type { Reached } from "../reply.ts";
import { agentGone, agentReady, asks, lifeIn, tornDown, turnEnded, type TaskLife } from "../testing/task-life.ts";

const says = (text: string, interrupt = false) => ({ type: "follow_up", text, interrupt, key: null }) as const;
const yes = { type: "answered", requestId: "q1", optionId: "yes", by: "user" } as const;

function lastReply(life: TaskLife) {
  const reply = life.facts.replies.at(-1);
  if (reply === undefined) throw new Error("nothing was replied");
  return reply;
}

/** What carried the last reply came this far. */
function reaches(life: TaskLife, reached: Reached): void {
  const { commandId } = lastReply(life);
  if (commandId === null) throw new Error("it is on its way to nobody");
  life.reports({ type: "command_reached", commandId, reached });
}

describe("an answer", () => {
  it("is accepted at once, then on the machine, then read, each with the runner's own time", () => {
    const life = lifeIn("awaiting_input");
    life.happens(yes);
    const acceptedAt = life.now;
    const reply = { requestId: "q1", optionId: "yes", by: "user", acceptedAt };
    expect(lastReply(life)).toMatchObject({ ...reply, onMachineAt: null, readAt: null });
    reaches(life, "machine");
    const onMachineAt = life.now;
    expect(lastReply(life)).toMatchObject({ ...reply, onMachineAt, readAt: null });
    reaches(life, "agent");
    expect(lastReply(life)).toMatchObject({ ...reply, onMachineAt, readAt: life.now, missed: null });
  });

  it("that is read was on the machine, whichever is said first; and said again moves nothing", () => {
    const life = lifeIn("awaiting_input");
    life.happens(yes);
    reaches(life, "agent");
    const whole = lastReply(life);
    expect(whole).toMatchObject({ onMachineAt: life.now, readAt: life.now });
    reaches(life, "machine");
    reaches(life, "agent");
    expect(lastReply(life)).toEqual(whole);
  });

  it("that its agent does not live to read is missed, since then and for that reason", () => {
    const life = lifeIn("awaiting_input");
    life.happens(yes);
    reaches(life, "machine");
    life.reports(agentGone(1));
    expect(lastReply(life).missed).toEqual({ at: life.now, why: "its agent ended before it read it" });
    reaches(life, "agent");
    expect(lastReply(life).readAt).toBeNull();
  });

  it("of a task that ends before it is read is missed", () => {
    const life = lifeIn("awaiting_input");
    life.happens(yes);
    life.happens({ type: "cancel_requested", by: "user" });
    expect(lastReply(life).missed).toMatchObject({ at: life.now });
  });

  it("to another command changes nothing", () => {
    const life = lifeIn("awaiting_input");
    life.happens(yes);
    life.reports({ type: "command_reached", commandId: "another", reached: "agent" });
    expect(lastReply(life)).toMatchObject({ onMachineAt: null, readAt: null });
  });
});

describe("words", () => {
  it("between two turns are on their way with the next turn", () => {
    const life = lifeIn("awaiting_input", { mode: "conversation" });
    life.happens(says("Now the docs"));
    expect(lastReply(life)).toMatchObject({ requestId: null, turn: 2, by: null, onMachineAt: null });
    reaches(life, "machine");
    reaches(life, "agent");
    expect(lastReply(life)).toMatchObject({ readAt: life.now });
  });

  it("that wait for the end of a turn are on their way only then", () => {
    const life = lifeIn("running");
    life.happens(says("And the tests?"));
    life.happens(says("And the docs?"));
    expect(life.facts.replies).toMatchObject([
      { turn: null, commandId: null },
      { turn: null, commandId: null },
    ]);
    life.reports(turnEnded(1));
    expect(life.facts.replies).toMatchObject([{ turn: 2 }, { turn: 2 }]);
    reaches(life, "agent");
    expect(life.facts.replies.map(({ readAt }) => readAt)).toEqual([life.now, life.now]);
  });

  it("that the agent did not live to read are told to the one that takes its place", () => {
    const life = lifeIn("awaiting_input", { mode: "conversation" });
    life.happens(says("Now the docs"));
    reaches(life, "machine");
    const before = lastReply(life).commandId;
    life.reports(agentGone(1), agentReady(2, true));
    expect(lastReply(life)).toMatchObject({ turn: 2, onMachineAt: null, missed: null });
    expect(lastReply(life).commandId).not.toBe(before);
    reaches(life, "agent");
    expect(lastReply(life)).toMatchObject({ readAt: life.now });
  });

  it("whose turn ends before the agent took them up are missed", () => {
    const life = lifeIn("awaiting_input", { mode: "conversation" });
    life.happens(says("Now the docs"));
    life.reports(turnEnded(2, "cancelled"));
    expect(lastReply(life).missed?.why).toContain("ended before the agent took it up");
  });

  it("of many only the newest are kept", () => {
    const life = lifeIn("running");
    for (let count = 1; count <= 12; count += 1) life.happens(says(`Word ${count}`));
    expect(life.facts.replies).toHaveLength(8);
  });
});

describe("who waits calls its owner, once for each thing that it waits for", () => {
  const calls = (life: TaskLife) =>
    life.effects.flatMap(({ effect }) => (effect.kind === "notify" ? [{ ...effect }] : []));

  it("for a question, and for the one behind it once that is open", () => {
    const life = lifeIn("awaiting_input");
    life.reports(asks("q2", { toolKind: "fetch", insideWorkspace: false, sandboxed: true }));
    expect(calls(life)).toMatchObject([{ requestId: "q1", toolKind: "execute" }]);
    life.happens(yes);
    expect(calls(life)).toMatchObject([{ requestId: "q1" }, { requestId: "q2", toolKind: "fetch", at: life.now }]);
  });

  it("for the end of a turn of a conversation, and for nothing else", () => {
    const life = lifeIn("awaiting_input", { mode: "conversation" });
    expect(calls(life)).toEqual([{ kind: "notify", requestId: null, toolKind: null, at: life.now }]);
    life.happens({ type: "deliver_requested" });
    life.reports(...tornDown);
    expect(calls(life)).toHaveLength(1);
    expect(calls(lifeIn("completed"))).toEqual([]);
  });
});
