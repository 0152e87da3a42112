/** The records that the ten rules are held against, made of what a world knows of itself. */
import { nodeStates, type NodeState } from "@sam/domain/node-lifecycle";
import { nodeRecordOf, type SystemRecord } from "@sam/domain/rules/system-record";
import { effectRecordOf, taskStateOf, type TaskRecord, type TaskRowRecord } from "@sam/domain/rules/task-record";
import { savedRefOf } from "@sam/domain/saved-work";
import { taskSteps, type TaskStep } from "@sam/domain/task-lifecycle";

import { machineSize } from "../machine/simulated-provider.ts";
import type { TaskDisk } from "../objects/control-plane.ts";
import type { HostedObject } from "../objects/object-host.ts";
import { installationId } from "../objects/simulated-env.ts";
import type { World } from "../world.ts";

/**
 * How long after its deadline a step may still be there, by a clock that nobody moves: the alarm may be lost, and each of
 * the sweeps that come every minute may die.
 */
const lateMs = 6 * 60_000;

const repository = "https://git.test/project.git";

export function taskRecordOf(world: World, { id, disk, alarmAt }: HostedObject<unknown, TaskDisk>): TaskRecord {
  const { lifecycle, messages, history } = disk;
  const graceMs = lateMs + world.control.clockAheadMs;
  const page = world.book.page(id);
  const row = taskRows(world, id)[0];
  const sights = history.sights.map(({ at, facts }) => ({ at, state: taskStateOf(facts) }));
  const last = lifecycle.facts;
  const isKnown = last !== null;
  return {
    taskId: id,
    readAt: world.control.now + graceMs,
    graceMs,
    transitions: lifecycle.transitions.map((it) => ({
      ...it,
      from: it.from === null ? null : stepOf(it.from),
      to: stepOf(it.to),
    })),
    sights: isKnown ? [...sights, { at: world.control.now, state: { ...taskStateOf(last), alarmAt } }] : sights,
    events: history.events,
    effects: lifecycle.outbox.flatMap(({ key, intent, doneAt }) =>
      intent.kind === "project" ? [] : [effectRecordOf(key, intent, doneAt)],
    ),
    carriedOut: page.carriedOut,
    messages: messages.map(({ seq, author, body }) => ({ seq, author, body: bodyOf(body) })),
    said: page.said,
    followers: world.followers
      .filter(({ taskId }) => taskId === id)
      .map(({ seqs }, index) => ({ who: `page ${index + 1}`, seqs })),
    ...(row === undefined ? {} : { row }),
    rowChanges: world.storage
      .rows("SELECT step, version FROM row_changes WHERE task_id = ? ORDER BY rowid", id)
      .map(({ step, version }) => ({ step: stepOf(String(step)), version: Number(version) })),
  };
}

export function systemRecordOf(world: World): SystemRecord {
  const { control, provider, machines, remote } = world;
  const objects = [...control.tasks.objects.values()];
  const nodes = [...control.nodes.objects.values()];
  const mirrored = [...machines.values()].flatMap(({ disk }) =>
    [...disk.mirror].map(([taskId, { id }]) => {
      return { repository, at: "mirror" as const, ref: savedRefOf(taskId), commit: id };
    }),
  );
  const pushed = [...remote.refs].map(([ref, { id }]) => {
    return { repository, at: "remote" as const, ref, commit: lastKnownPush(world, ref) ?? id };
  });
  return {
    at: control.now,
    graceMs: 0,
    installationId,
    tasks: objects.flatMap(({ disk, alarmAt }) =>
      disk.lifecycle.facts === null ? [] : [{ ...taskStateOf(disk.lifecycle.facts), alarmAt }],
    ),
    taskRows: taskRows(world),
    nodes: nodes.flatMap(({ disk, alarmAt }) =>
      disk.lifecycle.facts === null ? [] : [{ ...nodeRecordOf(disk.lifecycle.facts), alarmAt }],
    ),
    nodeRows: world.storage.rows("SELECT node_id, state, version FROM nodes WHERE version > 0").map((row) => ({
      nodeId: String(row["node_id"]),
      state: stateOf(row["state"]),
      version: Number(row["version"]),
    })),
    servers: provider.standing.map(({ id, request }) => ({ serverId: id, labels: request.labels })),
    processes: [...machines.values()].flatMap(({ serverId, processes }) =>
      processes
        .filter(({ isAlive }) => isAlive)
        .map(({ pid, taskId }) => ({ pid, taskId, serverId, isAgent: true, command: "agent" })),
    ),
    refs: [...pushed, ...mirrored],
    catalog: [{ machineType: "local", ...machineSize }],
  };
}

/** A machine may go after a push and before its report: what was pushed before stands below that, and was true. */
function lastKnownPush({ book, control }: World, ref: string): string | undefined {
  const known = new Set(
    [...control.tasks.objects.values()].map(({ disk }) => disk.lifecycle.facts?.verdicts.pushed?.commit ?? null),
  );
  return book.pushes.findLast((push) => push.ref === ref && known.has(push.commit))?.commit;
}

function taskRows(world: World, taskId: string | null = null): TaskRowRecord[] {
  return world.storage.rows("SELECT * FROM tasks WHERE ?1 IS NULL OR task_id = ?1", taskId).map((row) => ({
    taskId: String(row["task_id"]),
    step: stepOf(String(row["step"])),
    version: Number(row["version"]),
    updatedAt: Number(row["updated_at"]),
    deadlineAt: row["deadline_at"] === null ? null : Number(row["deadline_at"]),
    colour: colourOf(row["colour"]),
    writtenBy: row["written_by"] === "sweep" ? "sweep" : "task_runner",
  }));
}

function bodyOf(body: { readonly kind: string; readonly text?: unknown; readonly to?: unknown }) {
  const { kind, text, to } = body;
  return { kind, ...(typeof text === "string" ? { text } : {}), ...(typeof to === "string" ? { to } : {}) };
}

function stepOf(text: string): TaskStep {
  const step = taskSteps.find((one) => one === text);
  if (step === undefined) throw new RangeError(`${text} is no step`);
  return step;
}

function stateOf(value: unknown): NodeState {
  const state = nodeStates.find((one) => one === value);
  if (state === undefined) throw new RangeError(`${String(value)} is no state`);
  return state;
}

function colourOf(value: unknown): TaskRowRecord["colour"] {
  return value === "green" || value === "amber" || value === "red" ? value : null;
}
