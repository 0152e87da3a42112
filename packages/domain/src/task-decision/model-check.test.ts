/**
 * A model check: every state that any order of events can bring about, as far as states differ in what can happen next.
 * In each the invariants hold after every event, what the table promises is what is decided, and by deadlines alone, with
 * nobody saying anything, it ends.
 */
import { beforeAll, describe, expect, it } from "vitest";

import { isLasting } from "../model-calls.ts";
import { modelGiveUpAt } from "../model-watch.ts";
import { isAway, isSaving } from "../return.ts";
import { defaultSettings } from "../settings.ts";
import type { TaskDecision, TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import {
  canCancel,
  finalSteps,
  isFinal,
  nonFinalSteps,
  taskLifecycle,
  taskSteps,
  type Consequence,
  type NonFinalStep,
  type StepOwner,
  type TaskStep,
} from "../task-lifecycle.ts";
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

/** Its agent was ended for the release of its machine, and none was started since. */
function isBetween(facts: TaskFacts): boolean {
  const isOnItsWay = facts.comesBackFor !== null && facts.step !== "agent_session";
  return isAway(facts) || isOnItsWay;
}

/** Of its work a task that lets go needs to know only whether there was any; one that is away, what it comes back to. */
function ofReturn({ agent, turn, permission, interrupted, waitingTexts, pendingFailure }: TaskFacts) {
  const waits = [permission !== null, interrupted, waitingTexts.length > 0, pendingFailure !== null];
  return [agent?.canLoadSession, turn?.running, ...waits];
}

/** What decides what can happen next: everything but times, counters and texts. */
function keyOf({ facts, owed }: State): string {
  const { step, agent, turn, workspace, verdicts, permission, modelTrouble } = facts;
  const searches = step === "node_selection" || step === "waiting_for_node_capacity";
  const provisions = step === "node_provisioning" || step === "node_agent_ready";
  const letsGo = step === "cancelling" || isFinal(step);
  const isLeaving = letsGo || isSaving(facts);
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
    letsGo ? agent === null : isBetween(facts) ? ofReturn(facts) : work,
    facts.cancel !== null,
    [facts.away?.state, facts.kept !== null, facts.comesBackFor?.kind],
    facts.continuedBy,
    facts.receipt.length,
    facts.unproven.length,
    Math.min(facts.attempt, 4),
    isLeaving ? [owed.teardown, owed.release] : null,
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
  const letsGo = facts.step === "cancelling" || isFinal(facts.step) || isSaving(facts);
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
  /** Who led from a step to the one after it. */
  const movers = new Set<string>();
  let decisions = 0;
  const take = (state: State, event: TaskEvent, now: number) => {
    const decision = decide(state.facts, event, now, defaultSettings);
    decisions += 1;
    for (const { from, to } of decision.transitions) edges.add(`${from} -> ${to}`);
    const [led] = decision.transitions;
    if (led !== undefined) for (const who of speakersOf(event)) movers.add(`${led.from} -> ${led.to} by ${who}`);
    else if (decision.facts.clocks.lastProgressAt !== state.facts.clocks.lastProgressAt)
      for (const who of speakersOf(event)) movers.add(`${state.facts.step} moves by ${who}`);
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
  return { states: [...states.values()], edges, movers, decisions, broken };
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

/** Whose word an event is. What an agent says comes by its VM agent; a search is the runner's own. */
function speakersOf(event: TaskEvent): readonly StepOwner[] {
  switch (event.type) {
    case "vm_agent":
      return ["vm_agent", "agent"];
    case "node_claimed":
    case "no_capacity":
    case "capacity_freed":
      return ["task_runner"];
    case "node_observed":
    case "node_released":
      return ["node_lifecycle"];
    case "cancel_requested":
    case "answered":
    case "follow_up":
    case "interrupt_requested":
    case "deliver_requested":
    case "continued":
    case "continuation_refused":
      return ["user"];
    default:
      return [];
  }
}

/** What a step is left for that is no way on: it was ended. */
const ends: ReadonlySet<TaskStep> = new Set(["cancelling", "failed"]);

/** @returns where a consequence may lead to; the step itself where it is tried again. */
function waysOf(step: NonFinalStep, { does }: Consequence): readonly TaskStep[] {
  switch (does) {
    case "fail":
    case "destroy_node_and_fail":
    case "save_and_fail":
      return ["failed"];
    case "retry_then_fail":
      return [step, "failed"];
    case "restart_agent_then_fail":
      return [step, "delivery", "failed"];
    case "deliver_then_fail":
    case "deliver_then_fail_by_model":
      return ["delivery", "failed"];
    case "end_by_verdict":
      // One whose machine was let go comes back first: to where it was kept, or to a new one.
      return ["delivery", "node_selection", "workspace_creation", "failed"];
    case "cancel_with_what_is_unproven":
      return ["cancelled"];
  }
}

/** On a machine that is busy with other things. */
const exploreTimeoutMs = 60_000;

interface OpenState extends State {
  readonly step: NonFinalStep;
  readonly deadlineAt: number;
}

function openStates(states: readonly State[]): readonly OpenState[] {
  return states.flatMap((state) => {
    const { step, deadlineAt } = state.facts;
    if (isFinal(step)) return [];
    if (deadlineAt === null) throw new Error(`${step} without a deadline: ${road(state)}`);
    return [{ ...state, step, deadlineAt }];
  });
}

describe.each(["task", "conversation"] as const)("every state of a task in %s mode", (mode) => {
  let found: ReturnType<typeof explore>;
  beforeAll(() => {
    found = explore(mode);
  }, exploreTimeoutMs);

  it("keeps the invariants and the table's edges under every event, leaks no claim, and ends by four deadlines at most", () => {
    const { states, edges, decisions, broken } = found;
    expect(broken).toEqual([]);
    expect([...edges].toSorted()).toEqual(edgesOfTable().toSorted());
    expect(new Set(states.map(({ facts }) => facts.step)).size).toBe(taskSteps.length);
    expect(decisions).toBeGreaterThan(50_000);
    // That of a turn which was interrupted, the two of the turn that follows it, and the delivery's.
    expect(Math.max(...states.map(deadlinesToTheEnd))).toBe(4);
  });

  it("that is not final has a deadline that passes, and then does what its row says, never nothing", () => {
    const wrong = openStates(found.states).flatMap((state) => {
      const row = taskLifecycle[state.step];
      if (row.final) return [];
      const at = Math.max(state.now, state.deadlineAt);
      const { facts, effects } = decide(state.facts, { type: "look" }, at, defaultSettings);
      // Tried again, it is said anew, and with a deadline of its own.
      const again = facts.step === state.step && effects.length > 0 && (facts.deadlineAt ?? 0) > at;
      const led = facts.step === state.step ? again : true;
      // A turn that its user interrupted is over, which is no failure: they speak next.
      const ways = [
        ...waysOf(state.step, row.then),
        ...(state.facts.interrupted ? ["awaiting_input", state.step] : []),
      ];
      return led && ways.includes(facts.step) ? [] : [`${facts.step} by ${row.then.does}: ${road(state)}`];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it("that is not final has a cancel edge, and is on it as soon as that is asked for", () => {
    const wrong = openStates(found.states).flatMap((state) => {
      const row = taskLifecycle[state.step];
      if (row.final || !canCancel(state.step)) return [];
      const { transitions } = decide(
        state.facts,
        { type: "cancel_requested", by: "user" },
        state.now + 1,
        defaultSettings,
      );
      return transitions[0]?.to === row.cancel ? [] : [`${transitions[0]?.to ?? "nowhere"}: ${road(state)}`];
    });
    expect(wrong.slice(0, 5)).toEqual([]);
  });

  it.each(nonFinalSteps)("%s has an owner whose word alone leads on from it, or is its progress", (step) => {
    const row = taskLifecycle[step];
    if (row.final) throw new Error(`${step} is final`);
    const on = row.leadsTo.filter((next) => !ends.has(next));
    const ways = on.map((next) => `${step} -> ${next} by ${row.owner}`);
    // A cancel ends with the machine's release, which is asked for by the last line that its owner proves.
    if (step === "cancelling") ways.push(`${step} moves by ${row.owner}`);
    expect(ways.filter((way) => found.movers.has(way))).not.toEqual([]);
  });

  it("that is final has no way out, whatever comes, and nothing that it waits for", () => {
    const final = found.states.filter(({ facts }) => isFinal(facts.step));
    expect(new Set(final.map(({ facts }) => facts.step))).toEqual(new Set(finalSteps));
    const left = final.flatMap((state) => {
      const events: readonly TaskEvent[] = [...alphabet(state.facts), { type: "look" }, { type: "recover" }];
      const made = events.map((event) =>
        decide(state.facts, event, state.now + defaultSettings.turnMs, defaultSettings),
      );
      return made.some(({ transitions }) => transitions.length > 0) ? [road(state)] : [];
    });
    expect(left.slice(0, 5)).toEqual([]);
    expect(finalSteps.flatMap((step) => Object.keys(taskLifecycle[step]))).not.toContain("leadsTo");
    expect(final.filter(({ facts }) => facts.deadlineAt !== null)).toEqual([]);
  });
});
