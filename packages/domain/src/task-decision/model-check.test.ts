/**
 * A model check: every state that any order of events can bring about, as far as states differ in what can happen next.
 * In each the invariants hold after every event, and by deadlines alone, with nobody saying anything, it ends.
 */
import { describe, expect, it } from "vitest";

import { isLasting } from "../model-calls.ts";
import { modelGiveUpAt } from "../model-watch.ts";
import { defaultSettings } from "../settings.ts";
import type { TaskDecision, TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import { isFinal, taskLifecycle, taskSteps } from "../task-lifecycle.ts";
import { alphabet } from "../testing/task-alphabet.ts";
import { breaches } from "../testing/task-invariants.ts";
import { startedAt, taskRequest } from "../testing/task-life.ts";
import { begin, decide, nextLookAt } from "./decide.ts";

interface State {
  readonly facts: TaskFacts;
  readonly now: number;
  /** What the world was asked for and has not answered yet. */
  readonly owed: { readonly teardown: boolean; readonly release: boolean };
  readonly cameFrom: State | null;
  readonly by: string;
}

/** What decides what can happen next: everything but times, counters and texts. */
function keyOf({ facts, owed }: State): string {
  const { step, agent, turn, workspace, verdicts, permission, modelTrouble } = facts;
  const searches = step === "node_selection" || step === "waiting_for_node_capacity";
  const provisions = step === "node_provisioning" || step === "node_agent_ready";
  const letsGo = step === "cancelling" || isFinal(step);
  const work = [
    agent === null ? null : [agent.state, agent.restarts, agent.canLoadSession],
    turn === null ? null : [turn.running, turn.given, turn.heard, turn.leftMs !== null],
    permission?.requestId,
    facts.furtherPermissions.length,
    facts.pendingFailure !== null,
    verdicts.ended?.holds,
    facts.interrupted,
    facts.waitingTexts.length > 0,
    modelTrouble === null ? null : isLasting(modelTrouble.failure.kind),
  ];
  return JSON.stringify([
    step,
    facts.selecting,
    facts.nodeId !== null,
    searches ? [facts.queuePlace, facts.capacityDeadlineAt !== null] : null,
    provisions ? facts.nodeMark : null,
    workspace === null ? null : workspace.standing,
    // Of its work a task that lets go needs to know only whether there was any.
    letsGo ? agent === null : work,
    facts.cancel !== null,
    facts.continuedBy,
    facts.receipt.length,
    facts.unproven.length,
    Math.min(facts.attempt, 4),
    letsGo ? [owed.teardown, owed.release] : null,
    [facts.retryAt, facts.pollAt, facts.stalledSince, facts.progressDeadlineAt].map((at) => at !== null),
  ]);
}

/** The moments at which the alarm may look: when it is due, or only when a deadline has passed. */
function looks({ facts, now }: State): readonly number[] {
  const limits = [facts.progressDeadlineAt, modelGiveUpAt(facts), facts.deadlineAt];
  const times = [nextLookAt(facts), ...limits].filter((at) => at !== null);
  return [...new Set(times)].map((at) => Math.max(at, now));
}

function owedAfter({ owed, facts: { nodeId } }: State, event: TaskEvent, { effects }: TaskDecision): State["owed"] {
  const reported = event.type === "vm_agent" ? event.event : null;
  const tornDown = reported?.type === "torn_down";
  const refused = reported?.type === "command_failed" && reported.command === "tear_down";
  const released = event.type === "node_released" && event.nodeId === nodeId;
  const asked = effects.map(({ effect }) => (effect.kind === "command" ? effect.body.type : effect.kind));
  return {
    teardown: (owed.teardown && !tornDown && !refused) || asked.includes("tear_down"),
    release: (owed.release && !released) || asked.includes("release_node"),
  };
}

/** Whoever lets go and still holds a claim has asked for its end, or will ask again. */
function leaks({ facts, owed }: State): boolean {
  const letsGo = facts.step === "cancelling" || isFinal(facts.step);
  return letsGo && facts.nodeId !== null && !owed.teardown && !owed.release && facts.retryAt === null;
}

function explore(mode: "task" | "conversation") {
  // The policy answers one of the questions of the alphabet, and leaves the others to the user.
  const first = begin({ ...taskRequest, mode, permissionPolicy: "allow_edits" }, startedAt, defaultSettings);
  const owed = { teardown: false, release: false };
  const root: State = { facts: first.facts, now: startedAt, owed, cameFrom: null, by: "begin" };
  const states = new Map([[keyOf(root), root]]);
  const queue = [root];
  const broken: string[] = [];
  const edges = new Set<string>();
  let decisions = 0;
  const take = (state: State, event: TaskEvent, now: number) => {
    const decision = decide(state.facts, event, now, defaultSettings);
    decisions += 1;
    for (const { from, to } of decision.transitions) edges.add(`${from} -> ${to}`);
    const by = event.type === "vm_agent" ? event.event.type : event.type;
    const next = { facts: decision.facts, now, owed: owedAfter(state, event, decision), cameFrom: state, by };
    for (const breach of breaches(state.facts, event, decision, now)) broken.push(`${breach}: ${road(next)}`);
    if (leaks(next)) broken.push(`a claim that nobody lets go: ${road(next)}`);
    const key = keyOf(next);
    if (states.has(key)) return;
    states.set(key, next);
    queue.push(next);
  };
  // The list grows while it is gone through: breadth first, so that the road to what is broken is a short one.
  for (const state of queue) {
    if (broken.length >= 10) break;
    for (const at of looks(state)) take(state, { type: "look" }, at);
    for (const event of alphabet(state.facts)) take(state, event, state.now + 1_000);
    take(state, { type: "recover" }, Math.max(state.now, state.facts.deadlineAt ?? 0));
  }
  return { states: [...states.values()], edges, decisions, broken };
}

/** How a state came about, for the message of a test that fails. */
function road(state: State): string {
  const steps: string[] = [];
  for (let at: State | null = state; at !== null; at = at.cameFrom) steps.push(`${at.by} -> ${at.facts.step}`);
  return steps.toReversed().join(", ");
}

/** @returns how many deadlines pass until the task has ended, if nothing else happens. */
function deadlinesToTheEnd(state: State): number {
  let { facts, now } = state;
  let passed = 0;
  while (!isFinal(facts.step)) {
    const limits = [facts.deadlineAt, facts.progressDeadlineAt, modelGiveUpAt(facts)];
    const times = limits.filter((at) => at !== null);
    now = Math.max(now, Math.min(...times));
    facts = decide(facts, { type: "look" }, now, defaultSettings).facts;
    passed += 1;
    if (passed > 20) throw new Error(`no end in sight: ${road(state)}`);
  }
  return passed;
}

function edgesOfTable(): readonly string[] {
  return taskSteps.flatMap((step) => {
    const row = taskLifecycle[step];
    return row.final ? [] : row.leadsTo.map((next) => `${step} -> ${next}`);
  });
}

describe.each(["task", "conversation"] as const)("every state of a task in %s mode", (mode) => {
  it("keeps the invariants and the table's edges under every event, leaks no claim, and ends by four deadlines at most", () => {
    const { states, edges, decisions, broken } = explore(mode);
    expect(broken).toEqual([]);
    expect([...edges].toSorted()).toEqual(edgesOfTable().toSorted());
    expect(new Set(states.map(({ facts }) => facts.step)).size).toBe(taskSteps.length);
    expect(decisions).toBeGreaterThan(50_000);
    // That of a turn which was interrupted, the two of the turn that follows it, and the delivery's.
    expect(Math.max(...states.map(deadlinesToTheEnd))).toBe(4);
  });
});
