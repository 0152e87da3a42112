/**
 * What a TaskRunner does, against ports: it hands every event to the engine, and decides what each caller is told.
 * The Durable Object and the simulator run this same code. Nothing that steers the task lives only in its memory.
 */
import type { NodeId, TaskId, UserId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";
import type { Outage } from "@sam/domain/outage";
import type { SavedWork, SavedWorkReport } from "@sam/domain/saved-work";
import type { Settings } from "@sam/domain/settings";
import { summaryOf } from "@sam/domain/summary";
import type { OwnerSays } from "@sam/domain/sweep";
import { begin } from "@sam/domain/task-decision/decide";
import type { NodeObservation, TaskDecision } from "@sam/domain/task-event";
import type { TaskFacts, TaskRequest } from "@sam/domain/task-facts";
import { isFinal, taskLifecycle } from "@sam/domain/task-lifecycle";
import { wasSaid } from "@sam/domain/user-may";
import type { TaskEventRecord } from "@sam/protocol/node-channel";
import type { ForgottenWork } from "@sam/protocol/saved-work";
import type { TaskView, TransitionView } from "@sam/protocol/task-api";
import { z } from "zod";

import { repairedFact, type AuditFact } from "../audit/audit-fact.ts";
import type { Alarm } from "../lifecycle/alarm.ts";
import type { Face } from "../lifecycle/face.ts";
import type { LifecycleStore } from "../lifecycle/lifecycle-store.ts";
import type { TaskRecordLog } from "../record/task-record.ts";
import { withSummary } from "./asked-away.ts";
import type { Conversation } from "./conversation.ts";
import { leftBy, type Left } from "./left.ts";
import {
  continuationLane,
  createTaskEngine,
  projectionLane,
  searchLane,
  type TaskEngine,
  type TaskIntent,
} from "./task-engine.ts";
import type { TaskPorts } from "./task-ports.ts";
import { projectionOf } from "./task-projection.ts";
import type { TaskStream } from "./task-stream.ts";
import { taskView } from "./task-view.ts";
import {
  continueRefusal,
  otherRequest,
  refusalOf,
  type AskedEvent,
  type AskOutcome,
  type SayOutcome,
} from "./user-request.ts";

export type SubmitOutcome =
  | { readonly accepted: true; readonly task: TaskView; readonly projected: boolean }
  | { readonly accepted: false };

export interface TaskRunnerPorts {
  readonly store: Face<LifecycleStore<TaskFacts, TaskIntent>>;
  readonly conversation: Face<Conversation>;
  /** The flight recorder; left out: nothing is kept. */
  readonly recorded?: TaskRecordLog["write"];
  /** Whoever listens to the conversation now. */
  readonly stream: Pick<TaskStream, "resume" | "tell">;
  readonly world: TaskPorts;
  readonly settings: Settings;
  readonly outages: readonly Outage[];
  readonly clock: () => number;
  readonly alarm: Alarm;
  readonly report: (what: string, error: unknown) => void;
  /** Tells the audit of what should not have been; left out: nobody. */
  readonly audit?: (fact: AuditFact) => void;
}

/** As the node channel has parsed them. */
const recordsSchema = z.custom<TaskEventRecord[]>(Array.isArray);
const transitionsSchema = z.custom<TransitionView[]>(Array.isArray);

export class TaskRunnerLogic {
  readonly #ports: TaskRunnerPorts;
  readonly #engine: TaskEngine;

  constructor(ports: TaskRunnerPorts) {
    this.#ports = ports;
    const { world, alarm, ...same } = ports;
    this.#engine = createTaskEngine({
      ...same,
      ports: world,
      setAlarm: (at) => {
        alarm.set(at);
      },
      committed: (made) => {
        this.#tell(made);
      },
    });
  }

  /** To be called, and waited for, before anything else: after an eviction, too. */
  async wake(): Promise<void> {
    this.#ports.stream.resume();
    await this.#adoptEnd();
  }

  async alarm(): Promise<void> {
    await this.#engine.alarm({ type: "look" });
  }

  /** @returns the facts, with the outages of the control plane taken into account; null where it was never begun. */
  facts(): TaskFacts | null {
    return this.#engine.facts();
  }

  /** Accepts a task, once: the same request again gives the same task; another one under its id is refused. */
  async submit(request: TaskRequest): Promise<SubmitOutcome> {
    const known = this.#engine.facts();
    if (known === null) {
      const at = this.#ports.clock();
      this.#engine.commit(begin(request, at, this.#ports.settings), { event: null, at, completes: null });
    } else if (JSON.stringify(known.request) !== JSON.stringify(request)) {
      return { accepted: false };
    }
    await this.#engine.settle(projectionLane);
    const facts = this.#engine.facts();
    if (facts === null) throw new Error("accepted, but without facts");
    return { accepted: true, task: taskView(facts), projected: !this.#ports.store.hasOpen(projectionLane) };
  }

  view(): TaskView | null {
    const facts = this.#engine.facts();
    return facts === null ? null : taskView(facts);
  }

  transitions(): TransitionView[] | null {
    if (this.#engine.facts() === null) return null;
    return transitionsSchema.parse(this.#ports.store.transitions());
  }

  /** What a user asks for: done, or refused with the reason; null where this task was never begun. */
  ask(event: AskedEvent): AskOutcome | null {
    const before = this.#engine.facts();
    if (before === null) return null;
    const refusal = refusalOf(before, event);
    if (refusal !== null) return { done: false, refusal };
    const asked = withSummary(before, event, () => this.#ports.conversation.outline());
    return { done: true, task: taskView(this.#engine.handle(asked) ?? before) };
  }

  /**
   * The user says something more. After the end that is another task, which is written down here together with what it is
   * to do, and begun until it has: a lost reply or a crash in between loses nothing and makes nothing twice.
   * @param by the id of that other task.
   */
  async say(event: Extract<AskedEvent, { type: "follow_up" }>, by: TaskId): Promise<SayOutcome | null> {
    const before = this.#engine.facts();
    if (before === null) return null;
    // Said before the end, and again after it, it needs no other task.
    if (!isFinal(before.step) || wasSaid(before, event.key)) return this.ask(event);
    const refusal = continueRefusal(before, by);
    if (refusal !== null) return { done: false, refusal };
    if (before.continuedBy === null) {
      const summary = summaryOf(before, this.#ports.conversation.outline());
      this.#engine.handle({ type: "continued", by, text: event.text, summary });
    }
    await this.#engine.settle(continuationLane);
    if (this.#engine.facts()?.continuedBy !== by) return { done: false, refusal: otherRequest(by) };
    return { done: true, continuedBy: by, begun: !this.#ports.store.hasOpen(continuationLane) };
  }

  /** What it leaves to a task that continues it; null where it was never begun. */
  left(): Left | null {
    const facts = this.#engine.facts();
    return facts === null ? null : leftBy(facts);
  }

  /** The node says what it is now. */
  nodeObserved(node: NodeObservation): void {
    this.#engine.handle({ type: "node_observed", node });
  }

  /** A node says what it holds of this task's work. */
  savedWorkReported(nodeId: NodeId, work: SavedWorkReport): void {
    this.#engine.handle({ type: "saved_work_reported", nodeId, work });
  }

  /** A node has removed it, or could not. Of another owner's node that means nothing. */
  savedWorkForgotten(ownerId: UserId, { commit, remote, detail }: ForgottenWork): void {
    if (this.#engine.facts()?.request.ownerId !== ownerId) return;
    this.#engine.handle({ type: "saved_work_forgotten", commit, remote, detail });
  }

  /** The task that brought this one's saved work back has pushed it: that commit, and no later one. */
  savedWorkDelivered(by: TaskId, commit: string): void {
    this.#engine.handle({ type: "saved_work_delivered", by, commit });
  }

  /** Where its saved work is now; null: it has none. */
  savedWork(): Pick<SavedWork, "commit" | "place" | "nodeId"> | null {
    const saved = this.#engine.facts()?.savedWork ?? null;
    return saved === null ? null : { commit: saved.commit, place: saved.place, nodeId: saved.nodeId };
  }

  /**
   * A heartbeat of a node on which it has a slot: it moves the clock of contact, and nothing else.
   * @returns false where it knows nothing of that slot and looks for none, so that the node lets it go.
   */
  contact(nodeId: NodeId): boolean {
    const facts = this.#engine.facts();
    if (facts === null) return true;
    if (facts.nodeId !== nodeId) return facts.selecting;
    if (!isFinal(facts.step)) this.#engine.handle({ type: "contact" });
    return true;
  }

  /** A search that is out may have looked before the room appeared, so it is waited for, and one more is made. */
  async capacityFreed(): Promise<void> {
    await this.#engine.settle(searchLane);
    this.#engine.handle({ type: "capacity_freed" });
  }

  /**
   * Events of the VM agent, contiguous by `seq`. One that was applied before is passed over; a gap stops here.
   * @returns the last `seq` that is stored, or `void` where the task is not that node's (any more).
   */
  vmAgentEvents(nodeId: NodeId, records: string): { readonly ackedSeq: number } | "void" {
    const before = this.#engine.facts();
    if (before === null || before.nodeId !== nodeId) return "void";
    let ackedSeq = before.nodeEventSeq;
    const reported = recordsSchema.parse(JSON.parse(records));
    this.#noteRepeated(before, reported.filter(({ seq }) => seq <= before.nodeEventSeq).length);
    for (const { seq, event } of reported) {
      if (seq <= ackedSeq) continue;
      if (seq !== ackedSeq + 1) break;
      this.#applyEvent(seq, event);
      ackedSeq = seq;
    }
    return { ackedSeq };
  }

  /** For the sweep: what this runner says of itself. Changes nothing. */
  async probe(): Promise<OwnerSays> {
    const facts = this.#engine.facts();
    if (facts === null) return { kind: "no_state" };
    const alarmAt = await this.#ports.alarm.get();
    const { step, deadlineAt } = facts;
    return { kind: "state", step, final: isFinal(step), deadlineAt, alarmAt, nextAt: this.#engine.nextAt() };
  }

  /**
   * The sweep found no alarm here, or a deadline that has passed. Where an alarm is set it is only late, as after a control
   * plane that stood still: then this is the look that it was set for, and what follows is what the table says.
   */
  async recover(): Promise<void> {
    const alarmAt = await this.#ports.alarm.get();
    await this.#engine.alarm({ type: alarmAt === null ? "recover" : "look" });
  }

  /** The sweep found an older row: the projections are written again, in their order. */
  async projectAgain(): Promise<void> {
    const facts = this.#engine.facts();
    const last = this.#ports.store.transitions().at(-1);
    if (facts === null || last === undefined) return;
    await this.#engine.settle(projectionLane);
    // What is still on its way comes in its order: a later one that overtook it would leave it out.
    if (this.#ports.store.hasOpen(projectionLane)) return;
    const row = projectionOf({
      version: last.version,
      from: null,
      to: facts.step,
      at: last.at,
      cause: last.cause,
      facts,
    });
    await this.#ports.world.project(row);
  }

  /**
   * A runner that wakes long past its deadline may have been given up meanwhile: the end in its row stands, whatever
   * is about to happen here.
   */
  async #adoptEnd(): Promise<void> {
    const { settings, clock, world, report } = this.#ports;
    try {
      const facts = this.#engine.facts();
      if (facts === null || !isLongOverdue(facts, settings, clock())) return;
      if (await world.wasEndedBySweep(facts.request.taskId)) this.#engine.handle({ type: "ended_by_sweep" });
    } catch (error) {
      report("was it ended?", error);
    }
  }

  /** What came again is passed over; that it did, the audit is told. */
  #noteRepeated({ request, nodeEventSeq }: TaskFacts, count: number): void {
    if (count === 0) return;
    const { taskId: id, ownerId } = request;
    const now = this.#ports.clock();
    const repair = { what: "deduplicated", count } as const;
    this.#ports.audit?.(repairedFact({ id, ownerId }, repair, `${nodeEventSeq} ${now}`, now));
  }

  #applyEvent(seq: number, event: NodeTaskEvent): void {
    try {
      this.#engine.handle({ type: "vm_agent", seq, event });
    } catch (error) {
      this.#ports.report(`event ${seq} (${event.type})`, error);
      this.#engine.handle({ type: "vm_agent_passed_over", seq, detail: event.type });
    }
  }

  #tell(made: TaskDecision): void {
    const onlyProgress = made.messages.length > 0 && made.messages.every((message) => message.author === "agent");
    this.#ports.stream.tell(made.facts, !onlyProgress);
  }
}

/** Past the deadline that its row shows, by as much as makes the sweep doubt it. */
function isLongOverdue({ step, clocks, deadlineAt }: TaskFacts, settings: Settings, now: number): boolean {
  const row = taskLifecycle[step];
  if (row.final || deadlineAt === null) return false;
  const shownAt = Math.min(deadlineAt, clocks.inStateSince + settings[row.deadline]);
  return shownAt + settings.sweepGraceMs <= now;
}
