/** Decisions about a task: pure, with time as an argument. The same code runs in the Durable Object and the simulator. */
import { noteContact, startClocks } from "../clocks.ts";
import { pushBack, unseen, type Outage } from "../outage.ts";
import type { Settings } from "../settings.ts";
import type { TaskDecision, TaskEvent } from "../task-event.ts";
import { branchOf, titleOf, type TaskFacts, type TaskRequest } from "../task-facts.ts";
import { canCancel, isFinal } from "../task-lifecycle.ts";
import { noVerdicts } from "../verdicts.ts";
import { startAgent } from "./agent.ts";
import { cancelUnproven, failAndCleanUp, nodeReleased, requestCancel } from "./cleanup.ts";
import { look } from "./deadline.ts";
import { deliver } from "./delivery.ts";
import { TaskDraft } from "./draft.ts";
import { nodeClaimed, nodeObserved, noCapacity, searchForNode } from "./node-search.ts";
import { answered } from "./permission.ts";
import { giveTurn, openTurn } from "./turn.ts";
import { vmAgentEvent } from "./vm-agent-event.ts";

/** A task that was just accepted: its first facts, its first transition, and the search for a node. */
export function begin(request: TaskRequest, now: number, settings: Settings): TaskDecision {
  const title = titleOf(request.prompt);
  const draft = new TaskDraft(
    {
      request,
      title,
      branch: branchOf(request.taskId, title),
      step: "node_selection",
      version: 1,
      createdAt: now,
      clocks: startClocks(now),
      deadlineAt: now + settings.nodeSelectionMs,
      progressDeadlineAt: null,
      stallFlagAt: null,
      stalledSince: null,
      progressMark: null,
      pollAt: null,
      retryAt: null,
      attempt: 1,
      effectCount: 0,
      outagesSeenUntil: now,
      selecting: false,
      queuePlace: null,
      capacityDeadlineAt: null,
      nodeId: null,
      nodeMark: null,
      workspace: null,
      agent: null,
      turn: null,
      permission: null,
      furtherPermissions: [],
      waitingTexts: [],
      interrupted: false,
      modelTrouble: null,
      usage: null,
      diffMark: null,
      savedRef: null,
      continuedBy: null,
      verdicts: noVerdicts,
      pendingFailure: null,
      failure: null,
      cancel: null,
      receipt: [],
      unproven: [],
      nodeEventSeq: 0,
    },
    now,
    settings,
  );
  draft.record(null, "submitted", null);
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
      nodeClaimed(draft, event.node);
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
      nodeReleased(draft, event);
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
    case "cancel_requested":
      if (canCancel(draft.facts.step)) requestCancel(draft, event.by);
      return;
    case "answered":
      answered(draft, event);
      return;
    case "follow_up":
      followUp(draft, event.text);
      return;
    case "interrupt_requested":
    case "continued":
      return;
    case "deliver_requested":
      if (draft.facts.step === "awaiting_input" && draft.facts.turn?.running !== true)
        deliver(draft, "deliver_requested");
      return;
    case "recover":
      recover(draft);
      return;
    case "ended_by_sweep":
      endedBySweep(draft);
  }
}

function followUp(draft: TaskDraft, text: string): void {
  const { step, turn, agent } = draft.facts;
  if (step !== "awaiting_input" || turn?.running === true || agent === null) return;
  draft.enter("running", "follow_up");
  openTurn(draft, text);
  if (agent.state === "gone") {
    startAgent(draft, 0);
  } else {
    draft.set({ agent: { ...agent, restarts: 0 } });
    giveTurn(draft);
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
    capacityDeadlineAt: pushBack(facts.capacityDeadlineAt, outages, since),
    outagesSeenUntil: Math.max(since, ...missed.map((outage) => outage.to)),
  };
}

/**
 * @returns when the alarm must look next: the earliest of deadline, stall, retry and poll. After the end only a teardown
 * that is owed is looked at again; null where none is.
 */
export function nextLookAt(facts: TaskFacts): number | null {
  if (isFinal(facts.step)) return facts.retryAt;
  const times = [
    facts.deadlineAt,
    facts.progressDeadlineAt,
    facts.stalledSince === null ? facts.stallFlagAt : null,
    facts.retryAt,
    facts.pollAt,
  ].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}
