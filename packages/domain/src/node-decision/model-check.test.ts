/** A model check of the node, as `task-decision/model-check.test.ts` has it of the task. */
import { beforeAll, describe, expect, it } from "vitest";

import type { NodeDecision, NodeEvent } from "../node-event.ts";
import type { NodeFacts } from "../node-facts.ts";
import {
  isFinalNodeState,
  nodeFailureReasons,
  nodeLifecycle,
  nodeStates,
  type NodeFailureReason,
  type NonFinalNodeRow,
} from "../node-lifecycle.ts";
import { defaultSettings } from "../settings.ts";
import { hello, nodeRequest, otherTaskId } from "../testing/node-life.ts";
import { startedAt, taskId } from "../testing/task-life.ts";
import { begin, decide, nextLookAt } from "./decide.ts";

interface State {
  readonly facts: NodeFacts;
  readonly now: number;
  readonly road: string;
}

const reasons = Object.keys(nodeFailureReasons).filter((key): key is NodeFailureReason => key in nodeFailureReasons);

const alphabet: readonly NodeEvent[] = [
  ...(["initializing", "running", "off", "unknown"] as const).flatMap((status): NodeEvent[] => [
    { type: "server_created", serverId: "7", status },
    { type: "server_observed", serverId: "7", status },
  ]),
  ...reasons.flatMap((failure): NodeEvent[] => [
    { type: "server_refused", failure, detail: "refused" },
    { type: "given_up", failure, detail: "given up" },
  ]),
  { type: "machine_read", machine: { known: false, machineType: "local", why: "no size" } },
  { type: "server_gone" },
  { type: "server_unlisted" },
  hello("boot-one"),
  hello("boot-two"),
  { type: "contact" },
  ...[taskId, otherTaskId].flatMap((id): NodeEvent[] => [
    { type: "claimed", taskId: id },
    { type: "released", taskId: id },
  ]),
];

function keyOf({ facts }: State): string {
  const { state, claims, serverId, serverStatus, failure, bootId, pollAt } = facts;
  return JSON.stringify([state, claims, serverId, serverStatus, failure, bootId, pollAt !== null]);
}

function breaches(before: NodeFacts, event: NodeEvent, made: NodeDecision, now: number): string[] {
  const { facts, transitions, effects } = made;
  const final = isFinalNodeState(facts.state);
  const moved = facts.version !== before.version;
  const isGoing = facts.state === "destroying" || facts.state === "destroyed";
  const told = new Set(effects.flatMap(({ effect }) => (effect.kind === "tell_task" ? [effect.taskId] : [])));
  const isBeat = event.type === "contact" || event.type === "machine_read" || event.type === "server_unlisted";
  const checks: readonly (readonly [boolean, string])[] = [
    [final === (facts.deadlineAt !== null), "a deadline stands if and only if the state is not final"],
    [facts.version !== before.version + transitions.length, "the version counts transitions"],
    [transitions.some(({ from, to }) => from === to), "a transition to itself"],
    [
      transitions.some(({ facts: at, to }) => (at.deadlineAt === null) !== isFinalNodeState(to)),
      "a row without deadline",
    ],
    [facts.claims.length > facts.request.slots, "more claims than slots"],
    [new Set(facts.claims).size !== facts.claims.length, "one task holds two slots"],
    [isFinalNodeState(before.state) && facts !== before, "something changed after the end"],
    [facts.state === "failed", "failed is left as soon as it is entered"],
    [facts.state === "destroying" && facts.pollAt === null, "destruction is pursued until it is done"],
    [isGoing && moved && before.claims.some((id) => facts.claims.includes(id) && !told.has(id)), "a task was not told"],
    [facts.state === "warm" && facts.claims.length > 0, "warm with a task on it"],
    [facts.state === "ready" && facts.claims.length === 0, "ready without a task"],
    [!moved && facts.clocks.inStateSince !== before.clocks.inStateSince, "in state since moved without a state"],
    [isBeat && facts.clocks.lastProgressAt !== before.clocks.lastProgressAt, `${event.type} is no progress`],
    [moved && facts.clocks.inStateSince !== now, "in state since did not move with the state"],
    [effects.some(({ key }, index) => key !== `effect-${before.effectCount + index + 1}`), "a key was used before"],
    [facts.epoch < before.epoch, "an older epoch"],
  ];
  return checks.filter(([broken]) => broken).map(([, what]) => what);
}

function explore() {
  const first = begin(nodeRequest, taskId, startedAt, defaultSettings);
  const root: State = { facts: first.facts, now: startedAt, road: "begin" };
  const states = new Map([[keyOf(root), root]]);
  const queue = [root];
  const broken: string[] = [];
  const edges = new Set<string>();
  /** Who led from a state to the one after it. */
  const movers = new Set<string>();
  let decisions = 0;
  const take = (state: State, event: NodeEvent, now: number) => {
    const made = decide(state.facts, event, now, defaultSettings);
    decisions += 1;
    for (const { from, to } of made.transitions) edges.add(`${from} -> ${to}`);
    const [led] = made.transitions;
    if (led !== undefined) movers.add(`${led.from} -> ${led.to} by ${speakerOf(event)}`);
    const next = { facts: made.facts, now, road: `${state.road}, ${event.type} -> ${made.facts.state}` };
    broken.push(...breaches(state.facts, event, made, now).map((breach) => `${breach}: ${next.road}`));
    if (states.has(keyOf(next))) return;
    states.set(keyOf(next), next);
    queue.push(next);
  };
  for (const state of queue) {
    if (broken.length >= 10) break;
    const { facts, now } = state;
    for (const at of [nextLookAt(facts), facts.deadlineAt]) take(state, { type: "look" }, Math.max(now, at ?? now));
    for (const event of alphabet) take(state, event, now + 1_000);
  }
  return { states: [...states.values()], edges, movers, decisions, broken };
}

/** @returns how many deadlines pass until the server's destruction is asked for, if nothing else happens. */
function deadlinesToDestruction({ facts: from, now: start, road }: State): number {
  let facts = from;
  let now = start;
  let passed = 0;
  while (facts.state !== "destroying" && facts.state !== "destroyed") {
    now = Math.max(now, facts.deadlineAt ?? now);
    facts = decide(facts, { type: "look" }, now, defaultSettings).facts;
    passed += 1;
    if (passed > 5) throw new Error(`no end in sight: ${road}`);
  }
  return passed;
}

function edgesOfTable(): readonly string[] {
  return nodeStates.flatMap((state) => {
    const row = nodeLifecycle[state];
    return row.final ? [] : row.leadsTo.map((next) => `${state} -> ${next}`);
  });
}

/** Whose word an event is. A claim is one that NodeLifecycle makes; the alarm is its own. */
function speakerOf({ type }: NodeEvent): NonFinalNodeRow["owner"] {
  switch (type) {
    case "server_created":
    case "server_refused":
    case "server_observed":
    case "server_gone":
    case "server_unlisted":
    case "machine_read":
      return "provider";
    case "hello":
    case "contact":
    case "held_work_reported":
      return "vm_agent";
    case "released":
    case "given_up":
      return "task_runner";
    case "claimed":
    case "look":
      return "node_lifecycle";
  }
}

/** @returns the row of a state that goes on, or null. */
function rowOf({ facts: { state } }: State): NonFinalNodeRow | null {
  const row = nodeLifecycle[state];
  return row.final ? null : row;
}

/** The same state, in which heartbeats go on: what passes is its own deadline. That of `ready` is its contact's. */
function stillHeard(state: State): readonly State[] {
  const { state: name, deadlineAt, contactDeadlineAt } = state.facts;
  if (name === "ready" || deadlineAt === null || contactDeadlineAt === null) return [];
  return [{ ...state, facts: { ...state.facts, contactDeadlineAt: Math.max(state.now, deadlineAt) + 1 } }];
}

/**
 * Nobody says anything but the provider, which does what it is asked to and lists no more what it has destroyed.
 * @returns how many deadlines pass until the node is destroyed.
 */
function deadlinesToTheEnd({ facts: from, now: start, road }: State): number {
  let facts = from;
  let now = start;
  let passed = 0;
  while (!isFinalNodeState(facts.state)) {
    now = Math.max(now, facts.deadlineAt ?? now);
    const made = decide(facts, { type: "look" }, now, defaultSettings);
    const isAsked = made.effects.some(({ effect }) => effect.kind === "destroy_server");
    facts = isAsked ? decide(made.facts, { type: "server_gone" }, now, defaultSettings).facts : made.facts;
    passed += 1;
    if (passed > 5) throw new Error(`no end in sight: ${road}`);
  }
  return passed;
}

describe("every state of a node", () => {
  let found: ReturnType<typeof explore>;
  beforeAll(() => {
    found = explore();
  }, 60_000);

  it("keeps the invariants and the table's edges under every event, and comes to its destruction by one deadline alone", () => {
    const { states, edges, decisions, broken } = found;
    expect(broken).toEqual([]);
    expect([...edges].toSorted()).toEqual(edgesOfTable().toSorted());
    const seen = new Set(states.map(({ facts }) => facts.state));
    expect(nodeStates.filter((state) => !seen.has(state))).toEqual(["failed"]);
    expect(decisions).toBeGreaterThan(5_000);
    expect(Math.max(...states.map(deadlinesToDestruction))).toBe(1);
  });

  it("is destroyed after one deadline, with nobody saying anything but the provider, which does what it is asked", () => {
    const passed = found.states.map(deadlinesToTheEnd);
    expect(Math.max(...passed)).toBe(1);
  });

  it("that is not final has a deadline that passes, and then goes where its row says, or asks the provider again", () => {
    const wrong = [...found.states, ...found.states.flatMap(stillHeard)].flatMap((state) => {
      const row = rowOf(state);
      if (row === null) return [];
      const { deadlineAt, state: from } = state.facts;
      if (deadlineAt === null) return [`${from} without a deadline: ${state.road}`];
      const at = Math.max(state.now, deadlineAt);
      const { facts, transitions, effects } = decide(state.facts, { type: "look" }, at, defaultSettings);
      const again = effects.some(({ effect }) => effect.kind === "destroy_server") && (facts.deadlineAt ?? 0) > at;
      // One that drains may fall silent first: it goes the same way by way of `failed`.
      const silent = transitions[0]?.to === "failed" && facts.failure === "contact_lost";
      const led = transitions[0]?.to === row.then || (row.then === from && again) || silent;
      const isSaid = facts.failure === null || row.then !== "failed" || row.consequence.includes(facts.failure);
      return led && isSaid ? [] : [`${transitions[0]?.to ?? "nowhere"}: ${state.road}`];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it("that is not final can be given up by its owner, and is then on its row's way to destruction", () => {
    const wrong = found.states.flatMap((state) => {
      const row = rowOf(state);
      if (row === null) return [];
      const event: NodeEvent = { type: "given_up", failure: "destroyed_by_owner", detail: "its owner asked for it" };
      const { facts, transitions } = decide(state.facts, event, state.now + 1, defaultSettings);
      const led = transitions[0]?.to ?? facts.state;
      return led === row.destroy ? [] : [`${led}: ${state.road}`];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it.each(nodeStates.filter((state) => state !== "failed" && !isFinalNodeState(state)))(
    "%s has an owner whose word alone leads on from it",
    (state) => {
      const row = nodeLifecycle[state];
      if (row.final) throw new Error(`${state} is final`);
      const ways = row.leadsTo.filter((next) => next !== "failed").map((next) => `${state} -> ${next} by ${row.owner}`);
      expect(ways.filter((way) => found.movers.has(way))).not.toEqual([]);
    },
  );

  it("that is final has no way out, whatever comes", () => {
    const final = found.states.filter(({ facts }) => isFinalNodeState(facts.state));
    expect(final).not.toEqual([]);
    for (const state of final) {
      for (const event of [...alphabet, { type: "look" } as const]) {
        const { facts, transitions, effects } = decide(state.facts, event, state.now + 1, defaultSettings);
        expect([facts, transitions, effects]).toEqual([state.facts, [], []]);
      }
    }
  });
});
