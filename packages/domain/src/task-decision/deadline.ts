/** What happens when the alarm looks: a deadline that passed, a try that is due, a poll that is due; else nothing. */
import { isFinal, taskLifecycle, type Consequence } from "../task-lifecycle.ts";
import { deliverThenFail, restartOr, sendDelivery, startAgent, turnStalled } from "./agent-turn.ts";
import { cancelUnproven, cleanUp } from "./cleanup.ts";
import type { TaskDraft } from "./draft.ts";
import { searchForNode } from "./node-search.ts";

export function look(draft: TaskDraft): void {
  const { step, deadlineAt, progressDeadlineAt, stallFlagAt, stalledSince, retryAt, pollAt } = draft.facts;
  const row = taskLifecycle[step];
  if (row.final) return;
  const isPast = (at: number | null) => at !== null && at <= draft.now;
  if (isPast(deadlineAt)) {
    carryOut(draft, row.then);
  } else if (isPast(progressDeadlineAt) && row.progressDeadline !== null) {
    carryOut(draft, row.progressDeadline.then);
  } else {
    if (isPast(stallFlagAt) && stalledSince === null) flagStall(draft);
    if (isPast(retryAt)) retry(draft);
    if (isPast(pollAt)) poll(draft);
  }
}

function carryOut(draft: TaskDraft, consequence: Consequence): void {
  const evidence = `${draft.facts.step} passed its deadline`;
  switch (consequence.does) {
    case "fail":
    case "save_and_fail":
      draft.fail(consequence.reason, evidence, "deadline");
      cleanUp(draft);
      return;
    case "destroy_node_and_fail":
      draft.fail(consequence.reason, evidence, "deadline");
      if (draft.facts.nodeId !== null) draft.effect({ kind: "give_up_node", nodeId: draft.facts.nodeId });
      return;
    case "retry_then_fail":
      if (draft.facts.attempt <= consequence.retries) {
        draft.set({ attempt: draft.facts.attempt + 1, ...draft.deadlines(draft.facts.step) });
        draft.note(`${evidence}; it is tried again on the same node.`);
        retry(draft);
      } else {
        draft.fail(consequence.reason, evidence, "deadline");
        cleanUp(draft);
      }
      return;
    case "restart_agent_then_fail":
      if (draft.facts.step === "running") {
        turnStalled(draft);
        return;
      }
      restartOr(
        draft,
        () => {
          draft.fail(consequence.reason, evidence, "deadline");
          cleanUp(draft);
        },
        evidence,
      );
      return;
    case "deliver_then_fail":
      deliverThenFail(draft, consequence.reason, evidence, "deadline");
      return;
    case "end_by_verdict":
      endUnanswered(draft, evidence);
      return;
    case "cancel_with_what_is_unproven":
      cancelUnproven(draft);
  }
}

/** Nobody answered: a turn that waits for a permission never ended; a finished turn is delivered and judged. */
function endUnanswered(draft: TaskDraft, evidence: string): void {
  draft.set({ permission: null });
  if (draft.facts.turn?.running === true) {
    deliverThenFail(draft, "input_timeout", evidence, "deadline");
  } else {
    draft.enter("delivery", "deadline");
    sendDelivery(draft);
  }
}

function flagStall(draft: TaskDraft): void {
  draft.set({ stalledSince: draft.now });
  draft.note("Stalled: the agent has sent no update for a while. At its limit the turn is cancelled and loaded again.");
}

/** Sends the command of the step again under a new id; the node does it once more, idempotently. */
function retry(draft: TaskDraft): void {
  const { step, workspace, request, branch, nodeId } = draft.facts;
  draft.set({ retryAt: null });
  if (nodeId === null || isFinal(step)) return;
  if ((step === "workspace_creation" || step === "workspace_ready") && workspace !== null) {
    const { workspaceId } = workspace;
    draft.command({ type: "create_workspace", workspaceId, repository: request.repository, branch });
  } else if (step === "delivery") {
    sendDelivery(draft);
  } else if (step === "agent_session") {
    startAgent(draft, draft.facts.agent?.restarts ?? 0);
  }
}

function poll(draft: TaskDraft): void {
  const { step, nodeId } = draft.facts;
  draft.set({ pollAt: null });
  if (step === "waiting_for_node_capacity" || step === "node_selection") {
    searchForNode(draft);
    draft.set({ pollAt: draft.now + draft.settings.capacityPollMs });
  } else if (nodeId !== null && (step === "node_provisioning" || step === "node_agent_ready")) {
    draft.effect({ kind: "ask_node", nodeId });
    draft.set({ pollAt: draft.now + draft.settings.nodePollMs });
  }
}
