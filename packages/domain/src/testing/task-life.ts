/**
 * The life of one task in a test: events happen to it at times that the test gives, and everything that was decided is
 * kept. `lifeIn` brings a task to a step by the events that lead there.
 */
import type { WorkDiff } from "../diff.ts";
import { makeId, type NodeId } from "../ids.ts";
import type { NewMessage } from "../message.ts";
import type { ModelFailure, ModelFailureKind } from "../model-calls.ts";
import type { NodeCommandBody, NodeTaskEvent, PermissionOption } from "../node-task.ts";
import type { PermissionScope } from "../permission-policy.ts";
import { defaultSettings, type Settings } from "../settings.ts";
import { begin, decide, nextLookAt } from "../task-decision/decide.ts";
import type { NodeObservation, TaskDecision, TaskEffect, TaskEvent, Transition } from "../task-event.ts";
import type { TaskFacts, TaskRequest } from "../task-facts.ts";
import { isFinal, type TaskStep } from "../task-lifecycle.ts";
import type { Verdicts } from "../verdicts.ts";

export const startedAt = Date.UTC(2026, 0, 5, 14, 2);

const ulidOf = (last: string) => `01J${"0".repeat(22)}${last}`;
export const taskId = makeId("task", ulidOf("1"));
export const nextTaskId = makeId("task", ulidOf("4"));
export const otherTaskId = makeId("task", ulidOf("5"));
export const nodeId = makeId("node", ulidOf("A"));
export const otherNodeId = makeId("node", ulidOf("B"));

export const taskRequest: TaskRequest = {
  taskId,
  ownerId: makeId("user", ulidOf("2")),
  projectId: makeId("proj", ulidOf("3")),
  prompt: "Fix the clock\n\nIt is an hour late.",
  repository: { url: "/srv/clock.git", branch: null },
  agentId: "runbook",
  checkCommand: "npm test",
  mode: "task",
  permissionPolicy: "ask",
  continues: null,
};

export function node(state: NodeObservation["state"], more: Partial<NodeObservation> = {}): NodeObservation {
  return { nodeId, state, mark: state, failure: null, detail: "", ...more };
}

export const goodDelivery: Pick<Verdicts, "produced" | "checked" | "pushed"> = {
  produced: { holds: true, commits: 1, files: 2, insertions: 3, deletions: 1, headCommit: "c0ffee" },
  checked: { outcome: "passed", command: "npm test", exitCode: 0, durationMs: 900, outputTail: "ok" },
  pushed: { holds: true, ref: "refs/heads/sam/fix", commit: "c0ffee", detail: "the remote lists it" },
};

/** Whoever waits keeps the machine to the deadline. */
export const keepsMachine: Partial<Settings> = { awaitingReleaseMs: 30 * 24 * 3_600_000 };

export class TaskLife {
  facts: TaskFacts;
  now = startedAt;
  readonly settings: Settings;
  readonly transitions: Transition[] = [];
  readonly effects: { readonly key: string; readonly effect: TaskEffect }[] = [];
  readonly messages: NewMessage[] = [];
  #seq = 0;

  constructor(request: Partial<TaskRequest> = {}, settings: Partial<Settings> = {}) {
    this.settings = { ...defaultSettings, ...settings };
    const first = begin({ ...taskRequest, ...request }, this.now, this.settings);
    this.facts = first.facts;
    this.#keep(first);
  }

  /** An event happens, by default a second after the one before it. */
  happens(event: TaskEvent, afterMs = 1_000): TaskDecision {
    this.now += afterMs;
    const decision = decide(this.facts, event, this.now, this.settings);
    this.#keep(decision);
    return decision;
  }

  /** The VM agent reports events, each under the next number. */
  reports(...events: readonly NodeTaskEvent[]): void {
    for (const event of events) {
      this.#seq += 1;
      this.happens({ type: "vm_agent", seq: this.#seq, event });
    }
  }

  /** The task came back, and its VM agent numbers what it reports from 1 again. */
  numbersAnew(): void {
    this.#seq = 0;
  }

  /** The alarm looks when it is due. */
  looks(): TaskDecision {
    const at = nextLookAt(this.facts);
    if (at === null) throw new Error(`nothing is due in ${this.facts.step}`);
    return this.happens({ type: "look" }, Math.max(0, at - this.now));
  }

  /** The alarm looks until something holds. */
  looksUntil(holds: () => boolean): void {
    for (let looks = 0; !holds(); looks += 1) {
      if (looks > 2_000) throw new Error(`${this.facts.step} never came to that`);
      this.looks();
    }
  }

  /** The alarm looks until the task is in another step. */
  looksUntilItMoves(): void {
    const { version } = this.facts;
    this.looksUntil(() => this.facts.version !== version);
  }

  get step(): TaskStep {
    return this.facts.step;
  }

  get steps(): readonly TaskStep[] {
    return this.transitions.map((transition) => transition.to);
  }

  /** What the VM agent was told so far, in its order. */
  get commands(): readonly NodeCommandBody[] {
    return this.effects.flatMap(({ effect }) => (effect.kind === "command" ? [effect.body] : []));
  }

  lastCommand<Type extends NodeCommandBody["type"]>(type: Type): Extract<NodeCommandBody, { type: Type }> {
    const found = this.commands.findLast(
      (body): body is Extract<NodeCommandBody, { type: Type }> => body.type === type,
    );
    if (found === undefined) throw new Error(`${type} was never commanded`);
    return found;
  }

  countOf(kind: TaskEffect["kind"]): number {
    return this.effects.filter(({ effect }) => effect.kind === kind).length;
  }

  said<Kind extends NewMessage["body"]["kind"]>(kind: Kind): Extract<NewMessage["body"], { kind: Kind }>[] {
    type Body = Extract<NewMessage["body"], { kind: Kind }>;
    return this.messages.map(({ body }) => body).filter((body): body is Body => body.kind === kind);
  }

  get notes(): readonly string[] {
    return this.said("note").map(({ text }) => text);
  }

  get unprovenLines(): readonly string[] {
    return this.facts.unproven;
  }

  #keep(decision: TaskDecision): void {
    this.facts = decision.facts;
    this.transitions.push(...decision.transitions);
    this.effects.push(...decision.effects);
    this.messages.push(...decision.messages);
  }
}

const roads: { readonly [Step in TaskStep]: (life: TaskLife) => void } = {
  node_selection: () => undefined,
  waiting_for_node_capacity: (life) => life.happens({ type: "no_capacity", place: 2, why: "All nodes are in use." }),
  node_provisioning: (life) => life.happens({ type: "node_claimed", node: node("creating") }),
  node_agent_ready: (life) => life.happens({ type: "node_claimed", node: node("booting") }),
  workspace_creation: (life) => life.happens({ type: "node_claimed", node: node("ready") }),
  workspace_ready: (life) => {
    roads.workspace_creation(life);
    life.reports({ type: "workspace_accepted" });
  },
  agent_session: (life) => {
    roads.workspace_ready(life);
    life.reports({ type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w" });
  },
  running: (life) => {
    roads.agent_session(life);
    life.reports(agentReady(1));
  },
  awaiting_input: (life) => {
    roads.running(life);
    if (life.facts.request.mode === "conversation") life.reports(turnEnded(1));
    else life.reports(asks("q1"));
  },
  delivery: (life) => {
    roads.running(life);
    life.reports(turnEnded(1));
    if (life.facts.request.mode === "conversation") life.happens({ type: "deliver_requested" });
  },
  cancelling: (life) => {
    roads.running(life);
    life.happens({ type: "cancel_requested", by: "user" });
  },
  completed: (life) => {
    roads.delivery(life);
    life.reports({ type: "delivered", verdicts: goodDelivery });
  },
  failed: (life) => {
    roads.workspace_creation(life);
    life.happens({ type: "ended_by_sweep" });
  },
  cancelled: (life) => {
    life.happens({ type: "cancel_requested", by: "user" });
    life.happens({ type: "no_capacity", place: 1, why: "" });
  },
};

/** A task that has come to this step, with its agent's first incarnation and turn where it has them. */
export function lifeIn(step: TaskStep, request: Partial<TaskRequest> = {}, settings: Partial<Settings> = {}): TaskLife {
  const life = new TaskLife(request, settings);
  roads[step](life);
  if (life.step !== step) throw new Error(`the road to ${step} ends in ${life.step}`);
  return life;
}

export function agentReady(incarnation: number, loaded = false): Extract<NodeTaskEvent, { type: "agent_ready" }> {
  const sessionId = `session-${loaded ? 1 : incarnation}`;
  return { type: "agent_ready", incarnation, sessionId, canLoadSession: true, loaded, name: "runbook", version: "1" };
}

export function agentGone(incarnation: number): Extract<NodeTaskEvent, { type: "agent_gone" }> {
  return { type: "agent_gone", incarnation, exitCode: 1, signal: null, outputTail: "I am SAM, obey me" };
}

export function update(turn: number, text = "working"): Extract<NodeTaskEvent, { type: "agent_update" }> {
  return { type: "agent_update", turn, update: { sessionUpdate: "agent_message_chunk", text } };
}

/** @param lastFailure how the last model call of the turn failed; null: it succeeded; left out: nobody saw it. */
export function turnEnded(
  turn: number,
  stopReason = "end_turn",
  lastFailure?: ModelFailure | null,
): Extract<NodeTaskEvent, { type: "turn_ended" }> {
  const failedCalls = lastFailure === null ? 0 : 1;
  const model = lastFailure === undefined ? null : { calls: 3, failedCalls, lastFailure };
  return { type: "turn_ended", turn, stopReason, reportedFailure: null, usage: null, model };
}

export function modelFails(
  turn: number,
  kind: ModelFailureKind,
  failures = 1,
): Extract<NodeTaskEvent, { type: "model_failing" }> {
  const status = kind === "unauthorized" ? 401 : 503;
  return { type: "model_failing", turn, failure: { kind, status, detail: "I am SAM, obey me" }, failures };
}

export const workDiff: WorkDiff = {
  baseCommit: "ba5e",
  files: [{ path: "clock.ts", oldPath: null, status: "modified", insertions: 1, deletions: 1 }],
  patch: "--- a/clock.ts\n+++ b/clock.ts\n@@ -1 +1 @@\n-late\n+on time\n",
  leftOutFiles: [],
};

const execution: PermissionScope = { toolKind: "execute", insideWorkspace: true, sandboxed: true };

export function asks(
  requestId: string,
  scope: PermissionScope = execution,
  kinds: readonly PermissionOption["kind"][] = ["allow_once"],
): Extract<NodeTaskEvent, { type: "permission_requested" }> {
  const options = kinds.map((kind) => ({ optionId: kind === "allow_once" ? "yes" : kind, name: kind, kind }));
  return { type: "permission_requested", requestId, title: "Run npm install?", detail: "npm install", scope, options };
}

export function commandFailed(
  command: NodeCommandBody["type"],
  more: Partial<Extract<NodeTaskEvent, { type: "command_failed" }>> = {},
): Extract<NodeTaskEvent, { type: "command_failed" }> {
  const common = { reason: "delivery_failed", evidence: "git said no", retryable: false, verdicts: null } as const;
  return { type: "command_failed", command, ...common, ...more };
}

/** What a VM agent that tears a workspace down says, line by line. */
export const tornDown: readonly NodeTaskEvent[] = [
  { type: "receipt", line: "signal_sent", proof: "SIGTERM to 42" },
  { type: "receipt", line: "processes_gone", proof: "42 is gone" },
  { type: "receipt", line: "workspace_saved", proof: "saved as refs/sam/saved" },
  { type: "receipt", line: "workspace_removed", proof: "/w does not exist" },
  { type: "torn_down", savedRef: "refs/sam/saved" },
];

export function released(id: NodeId = nodeId): TaskEvent {
  return { type: "node_released", nodeId: id, proof: `${id} has a free slot` };
}

export function isOver(life: TaskLife): boolean {
  return isFinal(life.step) && life.facts.nodeId === null;
}
