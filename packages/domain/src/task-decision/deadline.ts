/** What happens when the alarm looks: a deadline that passed, a try that is due, a poll that is due; else nothing. */
import type { FailureReason } from "../failure-reason.ts";
import { modelGiveUpAt } from "../model-watch.ts";
import { isAway } from "../return.ts";
import type { TaskFacts } from "../task-facts.ts";
import { taskLifecycle, type Consequence, type Watch } from "../task-lifecycle.ts";
import { interruptedTurnHangs, restartOr, turnStalled } from "./agent.ts";
import { cancelUnproven, failAndCleanUp, tearDownAgain } from "./cleanup.ts";
import { deliver, deliverThenFail, sendDelivery } from "./delivery.ts";
import type { TaskDraft } from "./draft.ts";
import { giveUpOnModel } from "./model.ts";
import { giveUpNode, searchForNode, sendWorkspace } from "./node-search.ts";
import { forgottenAway, releaseMachine } from "./release.ts";
import { forgetDue } from "./saved-work.ts";

export function look(draft: TaskDraft): void {
  const { step, deadlineAt, progressDeadlineAt, stallFlagAt, stalledSince, retryAt, pollAt, releaseAt } = draft.facts;
  const row = taskLifecycle[step];
  const isPast = (at: number | null) => at !== null && at <= draft.now;
  forgetDue(draft);
  if (row.final) {
    if (isPast(retryAt)) retry(draft);
    return;
  }
  const failing = row.watches.find((watch) => isPast(failsUntil(draft.facts, watch)));
  if (isPast(deadlineAt)) {
    carryOut(draft, row.then);
  } else if (failing !== undefined) {
    carryOut(draft, failing.then);
  } else if (isPast(progressDeadlineAt) && row.progressDeadline !== null) {
    carryOut(draft, row.progressDeadline.then);
  } else if (isPast(releaseAt)) {
    releaseMachine(draft);
  } else {
    if (isPast(stallFlagAt) && stalledSince === null) flagStall(draft);
    if (isPast(retryAt)) retry(draft);
    if (isPast(pollAt)) poll(draft);
  }
}

/** When the time of a watch is over; null where what it watches works, or the time stands still. */
function failsUntil(facts: TaskFacts, { over }: Watch): number | null {
  switch (over) {
    case "model":
      return modelGiveUpAt(facts);
  }
}

function carryOut(draft: TaskDraft, consequence: Consequence): void {
  const evidence = `${draft.facts.step} passed its deadline`;
  const fail = (reason: FailureReason) => {
    failAndCleanUp(draft, reason, evidence, "deadline");
  };
  switch (consequence.does) {
    case "fail":
    case "save_and_fail":
      fail(consequence.reason);
      return;
    case "destroy_node_and_fail":
      draft.fail(consequence.reason, evidence, "deadline");
      giveUpNode(draft);
      return;
    case "retry_then_fail":
      if (draft.facts.attempt > consequence.retries) {
        fail(consequence.reason);
        return;
      }
      draft.set({ attempt: draft.facts.attempt + 1, ...draft.deadlines(draft.facts.step) });
      draft.note(`${evidence}; it is tried again on the same node.`);
      retry(draft);
      return;
    case "restart_agent_then_fail":
      if (consequence.delivers) turnStalled(draft, consequence.reason);
      else restartOr(draft, evidence, () => fail(consequence.reason));
      return;
    case "deliver_then_fail":
      if (draft.facts.interrupted) interruptedTurnHangs(draft);
      else deliverThenFail(draft, consequence.reason, evidence, "deadline");
      return;
    case "deliver_then_fail_by_model":
      giveUpOnModel(draft, "deadline");
      return;
    case "end_by_verdict":
      if (isAway(draft.facts)) {
        if (!forgottenAway(draft, consequence.reason, evidence)) fail(consequence.reason);
        return;
      }
      // A turn that waits for a permission never ended, nor did what you interrupted; a finished one is delivered and judged.
      if (draft.facts.turn?.running === true || draft.facts.interrupted)
        deliverThenFail(draft, consequence.reason, evidence, "deadline");
      else deliver(draft, "deadline");
      return;
    case "cancel_with_what_is_unproven":
      cancelUnproven(draft, "deadline");
  }
}

function flagStall(draft: TaskDraft): void {
  draft.set({ stalledSince: draft.now });
  draft.note("Stalled: the agent has sent no update for a while. At its limit the turn is cancelled and loaded again.");
}

/** Sends the command of the step again under a new id; the node does it once more, idempotently. */
function retry(draft: TaskDraft): void {
  draft.set({ retryAt: null });
  switch (draft.facts.step) {
    case "workspace_creation":
    case "workspace_ready":
      sendWorkspace(draft);
      return;
    case "delivery":
      sendDelivery(draft);
      return;
    default:
      tearDownAgain(draft);
  }
}

/** Who knows something says it; a runner asks all the same, in case that what was said came before it could listen. */
function poll(draft: TaskDraft): void {
  const { step, nodeId } = draft.facts;
  draft.set({ pollAt: null });
  if (nodeId !== null) {
    draft.effect({ kind: "ask_node", nodeId });
    draft.set({ pollAt: draft.now + draft.settings.nodePollMs });
  } else if (step === "waiting_for_node_capacity" || step === "node_selection") {
    searchForNode(draft);
    draft.set({ pollAt: draft.now + draft.settings.capacityPollMs });
  }
}
