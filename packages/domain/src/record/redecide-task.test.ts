/** A record that is decided again comes to the same, whatever happened; and where it does not, that is said. */
import { describe, expect, it } from "vitest";

import { defaultSettings } from "../settings.ts";
import { begin, decide } from "../task-decision/decide.ts";
import type { TaskDecision, TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import { chance } from "../testing/seeded.ts";
import { alphabet } from "../testing/task-alphabet.ts";
import { agentReady, node, startedAt, TaskLife, taskRequest, turnEnded, update } from "../testing/task-life.ts";
import { TaskRecorder } from "../testing/task-recorder.ts";
import { redecideTask } from "./redecide-task.ts";

class RecordedLife extends TaskLife {
  readonly recorder = new TaskRecorder();

  constructor() {
    super();
    this.recorder.take(null, startedAt, begin(taskRequest, startedAt, defaultSettings));
  }

  override happens(event: TaskEvent, afterMs = 1_000): TaskDecision {
    const made = super.happens(event, afterMs);
    this.recorder.take(event, this.now, made);
    return made;
  }
}

function running(): RecordedLife {
  const life = new RecordedLife();
  life.happens({ type: "node_claimed", node: node("ready") });
  life.reports(
    { type: "workspace_accepted" },
    { type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w" },
    agentReady(1),
    update(1),
  );
  return life;
}

describe("a record", () => {
  it("counts beats and updates of a turn, and keeps what they did to the clocks", () => {
    const life = running();
    const { length } = life.recorder.entries;
    for (let beats = 0; beats < 100; beats += 1) {
      life.happens({ type: "contact" });
      life.reports(update(1));
    }
    const last = life.recorder.entries.at(-1);
    expect(life.recorder.entries).toHaveLength(length);
    expect(last?.lulls).toMatchObject([
      { kind: "contact", count: 100, turn: null },
      { kind: "agent_update", count: 100, turn: 1, firstSeq: 5, lastSeq: 104 },
    ]);
    expect(last?.atLast?.clocks).toEqual(life.facts.clocks);
    expect(redecideTask(life.recorder.record(taskRequest)).differences).toEqual([]);
  });

  it("gives an entry to a poll that asks, to an update that takes a flag back, and to whatever moves a step", () => {
    const life = running();
    const { length } = life.recorder.entries;
    life.happens({ type: "look" }, defaultSettings.turnStallFlagMs);
    life.reports(update(1), turnEnded(1));
    expect(life.recorder.entries.slice(length).map(({ type, after }) => [type, after.step])).toEqual([
      ["look", "running"],
      ["vm_agent", "running"],
      ["vm_agent", "delivery"],
    ]);
  });

  it("of any life, in any order, is decided again as it was recorded", () => {
    const wrong: string[] = [];
    for (let seed = 1; seed <= 200; seed += 1) {
      const dice = chance(seed);
      const recorder = new TaskRecorder();
      let at = startedAt;
      let made = begin(taskRequest, at, defaultSettings);
      recorder.take(null, at, made);
      const take = (event: TaskEvent) => {
        made = decide(made.facts, event, at, defaultSettings);
        recorder.take(event, at, made);
      };
      for (let events = 0; events < 60; events += 1) {
        at += dice.pick([0, 1_000, 30_000, 400_000, -2_000]);
        take(
          dice.next() < 0.3 ? leadingOn(made.facts) : dice.pick([{ type: "look" } as const, ...alphabet(made.facts)]),
        );
      }
      const { differences, decided } = redecideTask(recorder.record(taskRequest));
      if (decided !== recorder.entries.length) wrong.push(`seed ${seed}: ${decided} of ${recorder.entries.length}`);
      wrong.push(...differences.map((difference) => `seed ${seed}: ${JSON.stringify(difference)}`));
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it("tells where today's decision differs, and goes on from what was recorded", () => {
    const { recorder } = running();
    const entries = recorder.entries.map((entry) =>
      entry.position === 3 ? { ...entry, after: { ...entry.after, deadlineAt: startedAt } } : entry,
    );
    const { differences, decided } = redecideTask({ ...recorder.record(taskRequest), entries });
    expect(decided).toBe(entries.length);
    expect(differences).toMatchObject([
      { position: 3, type: "vm_agent", what: "deadlineAt", recorded: String(startedAt) },
    ]);
  });

  it("sees a beat that was counted as progress", () => {
    const life = running();
    life.happens({ type: "contact" });
    const entries = life.recorder.entries.map((entry) => {
      const { atLast } = entry;
      if (atLast === null) return entry;
      return { ...entry, atLast: { ...atLast, clocks: { ...atLast.clocks, lastProgressAt: life.now } } };
    });
    const { differences } = redecideTask({ ...life.recorder.record(taskRequest), entries });
    expect(differences).toMatchObject([{ type: "lull", what: "clocks" }]);
  });

  it("says which entries cannot be decided again, and why", () => {
    const { recorder } = running();
    const lost = recorder.entries.map((entry) =>
      entry.position === 2 ? { ...entry, event: null, notKept: "too long" } : entry,
    );
    const { passedOver } = redecideTask({ ...recorder.record(taskRequest), entries: lost });
    expect(passedOver).toMatchObject([{ position: 2, why: "too long" }]);
    const late = redecideTask({ ...recorder.record(taskRequest), entries: recorder.entries.slice(1) });
    expect(late.decided).toBe(0);
    expect(late.passedOver[0]?.why).toBe("what came before it is not in the record");
  });

  it("whose beginning is gone is decided again from an entry that holds all facts", () => {
    const { recorder, facts } = running();
    const { request: _request, ...stored } = facts;
    const entries = recorder.entries.slice(-1).map((entry) => ({ ...entry, facts: stored }));
    const life = new TaskRecorder();
    const event = { type: "cancel_requested", by: "user" } as const;
    life.take(event, startedAt + 60_000, decide(facts, event, startedAt + 60_000, defaultSettings));
    const { decided, differences } = redecideTask({
      ...recorder.record(taskRequest),
      entries: [...entries, ...life.entries],
    });
    expect({ decided, differences }).toEqual({ decided: 1, differences: [] });
  });
});

/** What leads a life on, so that it comes to the later steps. */
function leadingOn({ step, nodeEventSeq, agent, turn }: TaskFacts): TaskEvent {
  const seq = nodeEventSeq + 1;
  switch (step) {
    case "workspace_creation":
      return { type: "vm_agent", seq, event: { type: "workspace_accepted" } };
    case "workspace_ready":
      return {
        type: "vm_agent",
        seq,
        event: { type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w" },
      };
    case "agent_session":
      return { type: "vm_agent", seq, event: agentReady(agent?.incarnation ?? 1) };
    case "running":
      return { type: "vm_agent", seq, event: update(turn?.number ?? 1) };
    default:
      return { type: "node_claimed", node: node("ready") };
  }
}
