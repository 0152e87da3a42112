/** Decisions about a task: pure, with time as an argument. The same code runs in the Durable Object and the simulator. */
import { noteContact } from "../clocks.ts";
import { modelGiveUpAt } from "../model-watch.ts";
import { pushBack, unseen, type Outage } from "../outage.ts";
import { isSaving } from "../return.ts";
import type { Settings } from "../settings.ts";
import type { TaskDecision, TaskEvent } from "../task-event.ts";
import type { TaskFacts, TaskRequest } from "../task-facts.ts";
import { isFinal } from "../task-lifecycle.ts";
import { cancelUnproven, failAndCleanUp, nodeReleased } from "./cleanup.ts";
import { continuationRefused, noteContinuation } from "./continuation.ts";
import { look } from "./deadline.ts";
import { TaskDraft } from "./draft.ts";
import { firstFacts } from "./first-facts.ts";
import { nodeClaimed, nodeObserved, noCapacity, searchForNode } from "./node-search.ts";
import { machineReleased } from "./release.ts";
import { savedWorkEvent } from "./saved-work.ts";
import { userEvent } from "./user-event.ts";
import { vmAgentEvent } from "./vm-agent-event.ts";

/** A task that was just accepted: its first facts, its first transition, and the search for a node. */
export function begin(request: TaskRequest, now: number, settings: Settings): TaskDecision {
  const draft = new TaskDraft(firstFacts(request, now, settings), now, settings);
  draft.record(null, "submitted", null);
  noteContinuation(draft);
  searchForNode(draft);
  return draft.done();
}

/** @returns what follows from an event; an event that does not fit the step changes nothing. */
export function decide(facts: TaskFacts, event: TaskEvent, now: number, settings: Settings): TaskDecision {
  const draft = new TaskDraft(facts, now, settings);
  apply(draft, event);
  return draft.done();
}

function apply(draft: TaskDraft, event: TaskEvent): void {
  switch (event.type) {
    case "look":
      look(draft);
      return;
    case "node_claimed":
      nodeClaimed(draft, event);
      return;
    case "no_capacity":
      noCapacity(draft, event.place, event.why);
      return;
    case "capacity_freed":
      if (draft.facts.step === "waiting_for_node_capacity") searchForNode(draft);
      return;
    case "node_observed":
      nodeObserved(draft, event.node);
      return;
    case "node_released":
      if (isSaving(draft.facts)) machineReleased(draft, event.nodeId);
      else nodeReleased(draft, event);
      return;
    case "contact":
      draft.set({ clocks: noteContact(draft.facts.clocks, draft.now) });
      return;
    case "vm_agent":
      if (event.seq <= draft.facts.nodeEventSeq) return;
      draft.set({ nodeEventSeq: event.seq });
      vmAgentEvent(draft, event.event);
      return;
    case "vm_agent_passed_over":
      if (event.seq <= draft.facts.nodeEventSeq) return;
      draft.set({ nodeEventSeq: event.seq });
      draft.note(`An event of the VM agent could not be applied and was passed over: ${event.detail}`);
      return;
    case "saved_work_reported":
    case "saved_work_delivered":
    case "saved_work_forgotten":
      savedWorkEvent(draft, event);
      return;
    case "cancel_requested":
    case "force_requested":
    case "discard_requested":
    case "answered":
    case "follow_up":
    case "interrupt_requested":
    case "deliver_requested":
    case "continued":
      userEvent(draft, event);
      return;
    case "continuation_refused":
      continuationRefused(draft, event.by, event.text);
      return;
    case "recover":
      recover(draft);
      return;
    case "ended_by_sweep":
      endedBySweep(draft);
  }
}

/** The sweep found this task without an alarm. Past its deadline nothing can be trusted any more: it fails as lost. */
function recover(draft: TaskDraft): void {
  const { step, deadlineAt } = draft.facts;
  if (isFinal(step)) return;
  if (deadlineAt === null || deadlineAt > draft.now) {
    draft.note("The sweep found this task without an alarm and set it again.");
  } else if (step === "cancelling") {
    cancelUnproven(draft, "sweep");
  } else {
    failAndCleanUp(draft, "lost_runner", `${step} passed its deadline without an alarm; the sweep found it`, "sweep");
  }
}

/** The one exception to the rule that D1 only follows: the row was ended in this task's absence, and stays ended. */
function endedBySweep(draft: TaskDraft): void {
  if (isFinal(draft.facts.step)) return;
  const evidence = "the runner could not be reached past its deadline; the sweep ended the row";
  // The row says lost_runner, and so must the facts, whatever else was about to be said.
  draft.set({ pendingFailure: null });
  failAndCleanUp(draft, "lost_runner", evidence, "sweep");
}

/** Applies outages of the whole control plane to the deadlines; the clocks stay as they are. */
export function afterOutages(facts: TaskFacts, outages: readonly Outage[]): TaskFacts {
  const since = facts.outagesSeenUntil;
  const missed = unseen(outages, since);
  if (missed.length === 0) return facts;
  return {
    ...facts,
    deadlineAt: pushBack(facts.deadlineAt, outages, since),
    progressDeadlineAt: pushBack(facts.progressDeadlineAt, outages, since),
    stallFlagAt: pushBack(facts.stallFlagAt, outages, since),
    releaseAt: pushBack(facts.releaseAt, outages, since),
    modelTrouble: troubleAfter(facts, outages),
    capacityDeadlineAt: pushBack(facts.capacityDeadlineAt, outages, since),
    outagesSeenUntil: Math.max(since, ...missed.map((outage) => outage.to)),
  };
}

/** While the task awaits the user the time of the trouble stands still anyway: it is made up for when the turn goes on. */
function troubleAfter({ step, modelTrouble, outagesSeenUntil }: TaskFacts, outages: readonly Outage[]) {
  if (modelTrouble === null || step !== "running") return modelTrouble;
  const giveUpAt = pushBack(modelTrouble.giveUpAt, outages, outagesSeenUntil);
  return giveUpAt === null ? modelTrouble : { ...modelTrouble, giveUpAt };
}

/**
 * @returns when the alarm must look next: the earliest of deadline, stall, watch, retry and poll. After the end only a
 * teardown that is owed, and saved work that is to be removed, are looked at again; null where none is.
 */
export function nextLookAt(facts: TaskFacts): number | null {
  const forgetAt = facts.savedWork?.forget?.dueAt ?? null;
  const times = isFinal(facts.step) ? [facts.retryAt, forgetAt] : [forgetAt, ...timesOf(facts)];
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function timesOf(facts: TaskFacts): readonly (number | null)[] {
  return [
    facts.deadlineAt,
    facts.progressDeadlineAt,
    facts.stalledSince === null ? facts.stallFlagAt : null,
    modelGiveUpAt(facts),
    facts.retryAt,
    facts.pollAt,
    facts.releaseAt,
  ];
}
