/** Decisions about a task: pure, with time as an argument. The same code runs in the Durable Object and the simulator. */
import { noteContact, startClocks } from "../clocks.ts";
import { pushBack, unseen, type Outage } from "../outage.ts";
import type { Settings } from "../settings.ts";
import type { TaskDecision, TaskEvent } from "../task-event.ts";
import { branchOf, titleOf, type TaskFacts, type TaskRequest } from "../task-facts.ts";
import { canCancel, isFinal } from "../task-lifecycle.ts";
import { noVerdicts } from "../verdicts.ts";
import { deliver, prompt, startAgent } from "./agent-turn.ts";
import { cleanUp, prove, requestCancel, settleCancel } from "./cleanup.ts";
import { look } from "./deadline.ts";
import { TaskDraft } from "./draft.ts";
import { nodeClaimed, nodeObserved, noCapacity, searchForNode } from "./node-search.ts";
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
      pollAt: null,
      retryAt: null,
      attempt: 1,
      effectCount: 0,
      outagesSeenUntil: now,
      selecting: false,
      queuePlace: null,
      nodeId: null,
      nodeMark: null,
      workspace: null,
      agent: null,
      turn: null,
      permission: null,
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
      draft.set({ nodeEventSeq: event.seq });
      vmAgentEvent(draft, event.event);
      return;
    case "vm_agent_passed_over":
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
    case "deliver_requested":
      if (draft.facts.step === "awaiting_input" && draft.facts.turn?.running !== true) deliver(draft, "deliver_requested");
      return;
    case "recover":
      recover(draft);
      return;
    case "ended_by_sweep":
      endedBySweep(draft);
  }
}

function nodeReleased(draft: TaskDraft, event: Extract<TaskEvent, { type: "node_released" }>): void {
  if (draft.facts.nodeId !== event.nodeId) return;
  draft.set({ nodeId: null });
  if (draft.facts.cancel !== null) {
    if (draft.facts.step === "cancelling") settleWorkspaceLines(draft);
    prove(draft, "machine_released", event.proof);
  }
  settleCancel(draft);
}

/** A machine that was let go before a workspace stood on it leaves nothing else to prove. */
function settleWorkspaceLines(draft: TaskDraft): void {
  if (draft.facts.workspace !== null) return;
  prove(draft, "signal_sent", "no process was started for this task");
  prove(draft, "processes_gone", "no process was started for this task");
  prove(draft, "workspace_saved", "no workspace was made");
  prove(draft, "workspace_removed", "no workspace was made");
}

/** Exactly once: an answer to a question that is no longer open changes nothing. */
function answered(draft: TaskDraft, event: Extract<TaskEvent, { type: "answered" }>): void {
  const { permission, step, turn } = draft.facts;
  if (step !== "awaiting_input" || permission?.requestId !== event.requestId) return;
  draft.set({ permission: null });
  const { requestId, optionId, by } = event;
  draft.say("sam", { kind: "permission_settled", requestId, optionId, by });
  draft.command({ type: "answer", requestId, optionId });
  if (turn?.running === true) draft.enter("running", "answered");
}

function followUp(draft: TaskDraft, text: string): void {
  const { step, turn, agent } = draft.facts;
  if (step !== "awaiting_input" || turn?.running === true) return;
  draft.enter("running", "follow_up");
  if (agent?.state === "gone") {
    // Its session is loaded again first; the turn is what the user just said.
    draft.say("user", { kind: "prompt", turn: (turn?.number ?? 0) + 1, text });
    draft.set({ turn: { number: turn?.number ?? 0, running: true, text } });
    startAgent(draft, agent.restarts);
  } else {
    prompt(draft, text, false);
  }
}

/** The sweep found this task without an alarm. Past its deadline nothing can be trusted any more: it fails as lost. */
function recover(draft: TaskDraft): void {
  const { step, deadlineAt } = draft.facts;
  if (isFinal(step)) return;
  if (deadlineAt === null || deadlineAt > draft.now) {
    draft.note("The sweep found this task without an alarm and set it again.");
    return;
  }
  draft.fail("lost_runner", `${step} passed its deadline without an alarm; the sweep found it`, "sweep");
  cleanUp(draft);
}

/** The one exception to the rule that D1 only follows: the row was ended in this task's absence, and stays ended. */
function endedBySweep(draft: TaskDraft): void {
  if (isFinal(draft.facts.step)) return;
  draft.fail("lost_runner", "the runner could not be reached past its deadline; the sweep ended the row", "sweep");
  cleanUp(draft);
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
    outagesSeenUntil: Math.max(since, ...missed.map((outage) => outage.to)),
  };
}

/** @returns when the alarm must look next: the earliest of deadline, stall, retry and poll; null once final. */
export function nextLookAt(facts: TaskFacts): number | null {
  if (isFinal(facts.step)) return null;
  const times = [
    facts.deadlineAt,
    facts.progressDeadlineAt,
    facts.stalledSince === null ? facts.stallFlagAt : null,
    facts.retryAt,
    facts.pollAt,
  ].filter((at) => at !== null);
  return times.length === 0 ? null : Math.min(...times);
}
