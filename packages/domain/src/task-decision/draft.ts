/** A decision while it is being made: facts are replaced, never changed; what was asked for is collected in order. */
import { enterState, noteProgress } from "../clocks.ts";
import { failureReasons, type Failure, type FailureReason } from "../failure-reason.ts";
import type { NodeId } from "../ids.ts";
import type { MessageBody, NewMessage } from "../message.ts";
import type { NodeCommandBody } from "../node-task.ts";
import { allMissed } from "../reply.ts";
import type { Settings } from "../settings.ts";
import type { TaskDecision, TaskEffect, Transition } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import { describeConsequence, isFinal, taskLifecycle, type TaskStep } from "../task-lifecycle.ts";

export class TaskDraft {
  facts: TaskFacts;
  readonly now: number;
  readonly settings: Settings;
  readonly #transitions: Transition[] = [];
  readonly #effects: { key: string; effect: TaskEffect }[] = [];
  readonly #messages: NewMessage[] = [];

  constructor(facts: TaskFacts, now: number, settings: Settings) {
    this.facts = facts;
    this.now = now;
    this.settings = settings;
  }

  set(change: Partial<TaskFacts>): void {
    this.facts = { ...this.facts, ...change };
  }

  say(author: NewMessage["author"], body: MessageBody): void {
    this.#messages.push({ author, body });
  }

  note(text: string): void {
    this.say("sam", { kind: "note", text });
  }

  /** Asks for an effect under a key that is never used again. */
  effect(effect: TaskEffect): void {
    const effectCount = this.facts.effectCount + 1;
    this.set({ effectCount });
    this.#effects.push({ key: `effect-${effectCount}`, effect });
  }

  /** Sends a command to the claimed node. Without one there is nobody to command, and the draft says so loudly. @returns its id. */
  command(body: NodeCommandBody): string {
    const { nodeId, effectCount, request } = this.facts;
    if (nodeId === null) throw new Error(`no node to carry out ${body.type}`);
    const commandId = `${request.taskId}.${effectCount + 1}`;
    this.effect({ kind: "command", nodeId, commandId, body });
    return commandId;
  }

  /** Lets the claim of this stay go. */
  release(nodeId: NodeId): void {
    this.effect({ kind: "release_node", nodeId, stay: this.facts.stay });
  }

  /** Another turn begins in the same step: it has its full time, and neither a transition nor progress is made. */
  renew(): void {
    this.set({
      ...this.deadlines(this.facts.step),
      stallFlagAt: this.stallFlag(this.facts.step),
      stalledSince: null,
      progressMark: null,
    });
  }

  /** The work moved: only evidence of that may call this. @param mark what was seen; seen again it is no progress. */
  progressTo(mark: string): void {
    if (mark === this.facts.progressMark) return;
    this.set({ progressMark: mark });
    this.progress();
  }

  /** The work moved: only evidence of that may call this. */
  progress(): void {
    const { progressDeadlineAt } = this.deadlines(this.facts.step);
    const stallFlagAt = this.stallFlag(this.facts.step);
    this.set({
      clocks: noteProgress(this.facts.clocks, this.now),
      progressDeadlineAt,
      stallFlagAt,
      stalledSince: null,
    });
  }

  /**
   * Moves to another step: the only place where a transition is made. A final step is never left.
   * @param deadlineAt a deadline that began earlier, where the step is entered again; null: the full time of the row.
   */
  enter(to: TaskStep, cause: string, deadlineAt: number | null = null): void {
    const from = this.facts.step;
    if (isFinal(from)) throw new Error(`${from} is final: ${cause} cannot lead to ${to}`);
    const tookMs = Math.max(0, this.now - this.facts.clocks.inStateSince);
    const version = this.facts.version + 1;
    const deadlines = this.deadlines(to);
    const hasTurns = to === "running" || to === "awaiting_input";
    const comesBack = this.facts.comesBackFor !== null && stepsOfReturn.has(to);
    if (!hasTurns && !comesBack) this.#endTurns();
    this.set({
      step: to,
      version,
      clocks: enterState(this.facts.clocks, this.now, isFinal(to)),
      ...deadlines,
      deadlineAt: deadlineAt ?? deadlines.deadlineAt,
      stallFlagAt: this.stallFlag(to),
      stalledSince: null,
      pollAt: null,
      retryAt: null,
      attempt: 1,
      queuePlace: null,
      progressMark: null,
      releaseAt: null,
      away: null,
      kept: null,
    });
    this.record(from, cause, tookMs);
  }

  /** No further turn follows: what belonged to them has no meaning any more, and what was not told is said to be so. */
  #endTurns(): void {
    if (this.facts.waitingTexts.length > 0) {
      this.note("What you said while the turn ran was not told to the agent any more. Say it again to continue.");
    }
    if (this.facts.comesBackFor?.kind === "words") {
      this.note("What you said while the machine was released was not told to the agent. Say it again to continue.");
    }
    const replies = allMissed(this.facts.replies, "no turn follows in which an agent could read it", this.now);
    this.set({
      waitingTexts: [],
      interrupted: false,
      modelTrouble: null,
      replies,
      comesBackFor: null,
      givenBefore: null,
    });
  }

  /** Writes the transition that the facts just made into the log and the conversation. */
  record(from: TaskStep | null, cause: string, tookMs: number | null): void {
    const { step: to, version } = this.facts;
    this.say("sam", { kind: "step", from, to, text: describeStep(to), tookMs });
    this.#transitions.push({ version, from, to, at: this.now, cause, facts: this.facts });
  }

  /** Questions that nobody can answer any more are closed, so that none stays open on a page. */
  closePermissions(): void {
    const { permission, furtherPermissions } = this.facts;
    const open = permission === null ? furtherPermissions : [permission, ...furtherPermissions];
    for (const { requestId } of open) {
      this.say("sam", { kind: "permission_settled", requestId, optionId: null, by: "sam" });
    }
    this.set({ permission: null, furtherPermissions: [] });
  }

  fail(reason: FailureReason, evidence: string, cause: string): void {
    const failure = this.#failureWith({ reason, evidence, at: this.now });
    this.closePermissions();
    this.set({ failure });
    this.say("sam", {
      kind: "failure",
      reason: failure.reason,
      whatToDo: failureReasons[failure.reason],
      evidence: failure.evidence,
    });
    this.enter("failed", cause);
  }

  /** What was decided before a delivery stays the reason; what befell the delivery is added to its evidence. */
  #failureWith(failure: Failure): Failure {
    const pending = this.facts.pendingFailure;
    if (pending === null) return failure;
    if (pending.reason === failure.reason && pending.evidence === failure.evidence) return pending;
    return { ...pending, evidence: `${pending.evidence}\nThen ${failure.reason}: ${failure.evidence}` };
  }

  /** @returns the deadlines of a step that is entered, or that moved, now. */
  deadlines(step: TaskStep): Pick<TaskFacts, "deadlineAt" | "progressDeadlineAt"> {
    const row = taskLifecycle[step];
    if (row.final) return { deadlineAt: null, progressDeadlineAt: null };
    return {
      deadlineAt: this.now + this.settings[row.deadline],
      progressDeadlineAt: row.progressDeadline === null ? null : this.now + this.settings[row.progressDeadline.limit],
    };
  }

  stallFlag(step: TaskStep): number | null {
    const row = taskLifecycle[step];
    const flag = row.final ? null : (row.progressDeadline?.flag ?? null);
    return flag === null ? null : this.now + this.settings[flag];
  }

  done(): TaskDecision {
    return { facts: this.facts, transitions: this.#transitions, effects: this.#effects, messages: this.#messages };
  }
}

/** Those that lead back to a turn: what belongs to it stays. */
const stepsOfReturn: ReadonlySet<TaskStep> = new Set([
  "node_selection",
  "waiting_for_node_capacity",
  "node_provisioning",
  "node_agent_ready",
  "workspace_creation",
  "workspace_ready",
  "agent_session",
]);

/** What SAM says when a step begins: what it waits for, and what happens at the deadline. */
function describeStep(step: TaskStep): string {
  const row = taskLifecycle[step];
  return row.final ? row.means : `waits for ${row.waitsFor}; at the deadline it ${describeConsequence(row.then)}`;
}
