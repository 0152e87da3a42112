/** Records that keep every rule, made of lives that were really decided; a test doctors one, and its rule must see that. */
import type { Machine } from "../node-facts.ts";
import type { RuleReport } from "../rules/check.ts";
import type { RuleNumber } from "../rules/rule.ts";
import { installationLabelName, nodeLabelName, nodeRecordOf, type SystemRecord } from "../rules/system-record.ts";
import {
  effectRecordOf,
  type EventRecord,
  type TaskRecord,
  type TaskRowRecord,
  type TaskSight,
  type TaskState,
  taskStateOf,
} from "../rules/task-record.ts";
import { nextLookAt } from "../task-decision/decide.ts";
import type { TaskDecision, TaskEvent } from "../task-event.ts";
import { isFinal } from "../task-lifecycle.ts";
import { verdictColour } from "../verdicts.ts";
import { nodeIn } from "./node-life.ts";
import {
  agentReady,
  goodDelivery,
  node,
  nodeId,
  released,
  TaskLife,
  tornDown,
  turnEnded,
  update,
} from "./task-life.ts";

/** A life that is watched after every event. */
export class RecordedLife extends TaskLife {
  readonly sights: TaskSight[] = [];
  readonly events: EventRecord[] = [];

  constructor() {
    super();
    this.#look();
  }

  override happens(event: TaskEvent, afterMs = 1_000): TaskDecision {
    const made = super.happens(event, afterMs);
    const seq = event.type === "vm_agent" ? { seq: event.seq, nodeId } : {};
    this.events.push({ at: this.now, type: event.type, ...seq });
    this.#look();
    return made;
  }

  /** Everything that its runner, its row and a follower would show. */
  record(): TaskRecord {
    const { transitions, sights, events } = this;
    const messages = this.messages.map(({ author, body }, index) => ({ seq: index + 1, author, body }));
    return {
      taskId: this.facts.request.taskId,
      readAt: this.now,
      graceMs: 0,
      transitions: transitions.map(({ version, from, to, at, cause }) => ({ version, from, to, at, cause })),
      sights,
      events,
      effects: this.effects.map(({ key, effect }) => effectRecordOf(key, effect, this.now)),
      carriedOut: this.effects.flatMap(({ effect }) => (effect.kind === "command" ? [effect.commandId] : [])),
      messages,
      followers: [{ who: "a page", seqs: messages.map(({ seq }) => seq) }],
      said: [],
      row: rowOf(stateOf(this)),
      rowChanges: transitions.map(({ version, to }) => ({ version, step: to })),
      machine: { known: false, machineType: "local", why: "nobody read it" },
    };
  }

  #look(): void {
    this.sights.push({ at: this.now, state: stateOf(this) });
  }
}

function stateOf({ facts }: TaskLife): TaskState {
  return { ...taskStateOf(facts), alarmAt: nextLookAt(facts) };
}

export function rowOf({ taskId, step, version, clocks, deadlineAt, verdicts }: TaskState): TaskRowRecord {
  const colour = isFinal(step) ? verdictColour(step, verdicts) : null;
  return { taskId, step, version, updatedAt: clocks.inStateSince, deadlineAt, colour, writtenBy: "task_runner" };
}

function comesToRun(): RecordedLife {
  const life = new RecordedLife();
  life.happens({ type: "node_claimed", node: node("ready") });
  life.reports(
    { type: "workspace_accepted" },
    { type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w" },
    agentReady(1),
    update(1),
  );
  life.happens({ type: "contact" });
  life.reports(update(1, "more"));
  return life;
}

/** The record of a task that was completed, and has let everything go. */
export function completedRecord(): TaskRecord {
  const life = comesToRun();
  life.reports(turnEnded(1), { type: "delivered", verdicts: goodDelivery }, ...tornDown);
  life.happens(released());
  return life.record();
}

/** The record of a task that was cancelled while its agent worked. */
export function cancelledRecord(): TaskRecord {
  const life = comesToRun();
  life.happens({ type: "cancel_requested", by: "user" });
  life.reports(...tornDown);
  life.happens(released());
  return life.record();
}

/** The record of a task whose agent is at work. */
export function runningRecord(): TaskRecord {
  return comesToRun().record();
}

const machine = {
  known: true,
  machineType: "local",
  vcpu: 2,
  memoryBytes: 2 ** 33,
  diskBytes: null,
  monthlyPrice: { amount: 0, currency: "EUR" },
  location: "this-machine",
  source: "the operating system",
  readAt: 1,
} as const satisfies Machine;

/** A system at rest: one task was completed, and its node stands warm. */
export function systemRecord(): SystemRecord {
  const task = completedRecord();
  const state = task.sights.at(-1)?.state;
  if (state === undefined) throw new Error("nobody saw the task");
  const life = nodeIn("warm");
  const itsNode = { ...nodeRecordOf({ ...life.facts, machine }), alarmAt: life.now + 1_000 };
  const { version, state: nodeState } = itsNode;
  const repository = state.repository.url;
  const { pushed } = state.verdicts;
  return {
    at: Math.max(task.readAt, life.now),
    graceMs: 0,
    installationId: "ours",
    tasks: [state],
    taskRows: [rowOf(state)],
    nodes: [itsNode],
    nodeRows: [{ nodeId, version, state: nodeState }],
    servers: [{ serverId: "7", labels: { [installationLabelName]: "ours", [nodeLabelName]: nodeId } }],
    processes: [{ pid: 42, taskId: null, serverId: "7", isAgent: false, command: "node vm-agent.mjs" }],
    workspaces: [],
    refs: [
      { repository, at: "remote", ref: pushed?.ref ?? "", commit: pushed?.commit ?? "" },
      { repository, at: "mirror", ref: state.savedRef ?? "", commit: "c0ffee" },
    ],
    catalog: [{ ...machine, machineType: "local" }],
  };
}

/** @returns the same record, with what was last seen of the task changed. */
export function withLast(record: TaskRecord, change: Partial<TaskState>): TaskRecord {
  const sights = record.sights.map((sight, index) =>
    index === record.sights.length - 1 ? { ...sight, state: { ...sight.state, ...change } } : sight,
  );
  return { ...record, sights };
}

/** @returns the same record, with each of its tasks changed. */
export function withTasks(record: SystemRecord, change: Partial<TaskState>): SystemRecord {
  return { ...record, tasks: record.tasks.map((task) => ({ ...task, ...change })) };
}

/** @returns the same record, with each of its nodes changed. */
export function withNodes(record: SystemRecord, change: Partial<NonNullable<SystemRecord["nodes"]>[number]>) {
  return { ...record, nodes: record.nodes?.map((one) => ({ ...one, ...change })) ?? [] };
}

/** @returns what breaks this rule, each in words. */
export function breachesOf(reports: readonly RuleReport[], number: RuleNumber): readonly string[] {
  return reports.flatMap(({ rule, breaches }) => (rule === number ? breaches.map(({ what }) => what) : []));
}
