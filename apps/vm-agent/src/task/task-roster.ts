/** The roster of a node's tasks: each has a desk while it has commands or an agent. */
import { workspaceIdOf, type TaskId } from "@sam/domain/ids";
import type { NodeCommand } from "@sam/domain/node-task";
import type { UpFrame } from "@sam/protocol/node-channel";

import { reportInterrupted } from "../agent/interrupted-agent.ts";
import { logFact } from "../log.ts";
import type { InboxBody, InboxCommand } from "../store/inbox.ts";
import { isOver } from "../store/task-records.ts";
import { TaskDesk, type DeskPorts } from "./task-desk.ts";

type StandingWorkspaces = Extract<UpFrame, { type: "heartbeat" }>["workspaces"];

/** How long the id of a command that was done, and the tombstone of a task that is over, are kept. */
const memoryMs = 7 * 24 * 3_600_000;
const purgeEveryMs = 3_600_000;
const maxReported = 256;

export class TaskRoster {
  readonly #node: DeskPorts;
  readonly #desks = new Map<TaskId, TaskDesk>();
  #voids = 0;
  #purgedAt = 0;

  constructor(node: DeskPorts) {
    this.#node = node;
  }

  /** Takes up what a power cut or an orderly stop has left, once every left-over process is gone. */
  async resume(): Promise<void> {
    const { state, records, outbox, inbox } = this.#node;
    await state.commit(() => {
      for (const [taskId, { isVoid }] of records.all()) {
        if (isVoid) outbox.silence(taskId);
        reportInterrupted(this.#node, taskId, "power_cut");
      }
    });
    await this.tidy();
    const open = inbox.unfinished();
    if (open.length > 0) logFact("commands_taken_up", { count: open.length });
    for (const command of open) this.#desk(command.taskId).receive(command);
  }

  /** Puts a command on the disk. @returns how to carry it out once it is acknowledged; null for one that was received before. */
  async take(command: NodeCommand): Promise<(() => void) | null> {
    const taken = await this.#persist(command);
    return taken === null ? null : () => this.#desk(command.taskId).receive(taken);
  }

  /** The task is not this node's any more. */
  async voidTask(taskId: TaskId): Promise<void> {
    if (this.#node.records.get(taskId).isVoid) return;
    this.#voids += 1;
    const body = { type: "void_task" as const, workspaceId: workspaceIdOf(taskId) };
    const taken = await this.#persist({ commandId: `void.${taskId}.${Date.now()}.${this.#voids}`, taskId, body });
    if (taken !== null) this.#desk(taskId).receive(taken);
  }

  /** What stands, a checkout that was never finished included, and what is alive; as looked up now. */
  standing(): StandingWorkspaces {
    return [...this.#node.records.all()]
      .flatMap(([taskId, facts]) => {
        if (isOver(facts) || facts.workspace === null) return [];
        const agentPid = this.#desks.get(taskId)?.agentPid ?? null;
        return [
          { taskId, workspaceId: facts.workspace.workspaceId, agentPid, incarnation: facts.agent?.incarnation ?? 0 },
        ];
      })
      .slice(0, maxReported);
  }

  /** Removes what was acknowledged, and forgets what is over. */
  async tidy(): Promise<void> {
    const { state, records, outbox, inbox } = this.#node;
    await state.commit(() => {
      outbox.settle();
      const now = Date.now();
      for (const [taskId, facts] of records.all()) {
        if (facts.life === "over" && !outbox.hasUnacknowledged(taskId)) records.bury(taskId, now);
      }
      if (now - this.#purgedAt < purgeEveryMs) return;
      this.#purgedAt = now;
      records.purge(now - memoryMs);
      inbox.purge(now - memoryMs);
    });
    for (const [taskId, desk] of this.#desks) {
      if (desk.isIdle && isOver(records.get(taskId))) this.#desks.delete(taskId);
    }
  }

  async stop(graceMs: number): Promise<void> {
    await Promise.all([...this.#desks.values()].map((desk) => desk.stop(graceMs)));
  }

  #desk(taskId: TaskId): TaskDesk {
    const desk = this.#desks.get(taskId) ?? new TaskDesk(this.#node, taskId);
    this.#desks.set(taskId, desk);
    return desk;
  }

  async #persist(command: { commandId: string; taskId: TaskId; body: InboxBody }): Promise<InboxCommand | null> {
    const { state, inbox, records, outbox } = this.#node;
    const receivedAt = Date.now();
    let isNew = false;
    await state.commit(() => {
      isNew = inbox.receive(command, receivedAt);
      if (!isNew) return;
      const { commandId, taskId, body } = command;
      // Events are numbered in the task's row.
      records.update(taskId, {});
      const isHeard = isReply(body) && records.get(taskId).life === "active";
      if (isHeard) outbox.append(taskId, { type: "command_reached", commandId, reached: "machine" });
    });
    return isNew ? { ...command, receivedAt, state: "received", progress: [] } : null;
  }
}

/** What a user replied, or said: its receipt says that it is here. */
function isReply({ type }: InboxBody): boolean {
  return type === "answer" || type === "prompt";
}
