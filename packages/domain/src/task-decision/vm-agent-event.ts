/** What the VM agent reports about this task, event by event, in its order. */
import type { WorkDiff } from "../diff.ts";
import type { FailureReason } from "../failure-reason.ts";
import type { TaskId } from "../ids.ts";
import { markOf } from "../mark.ts";
import type { NodeTaskEvent } from "../node-task.ts";
import { reachedBy } from "../reply.ts";
import { maxAttemptsPerStep, retryDelayMs } from "../retry.ts";
import { isSaving } from "../return.ts";
import { agentGone, agentReady, startAgent } from "./agent.ts";
import { failAndCleanUp, receiptReported, teardownRefused, workspaceTornDown } from "./cleanup.ts";
import { deliver, delivered, noteVerdicts } from "./delivery.ts";
import type { TaskDraft } from "./draft.ts";
import { modelAnswering, modelFailing } from "./model.ts";
import { permissionRequested, permissionSettled } from "./permission.ts";
import { noteReleaseLine, releaseRefused } from "./release.ts";
import { workToBringBack } from "./saved-work.ts";
import { turnEnded } from "./turn-end.ts";
import { agentUpdated } from "./turn.ts";

type EventOf<Type extends NodeTaskEvent["type"]> = Extract<NodeTaskEvent, { type: Type }>;

export function vmAgentEvent(draft: TaskDraft, event: NodeTaskEvent): void {
  const { step, agent } = draft.facts;
  switch (event.type) {
    case "command_reached":
      commandReached(draft, event);
      return;
    case "workspace_accepted":
    case "workspace_progress":
      workspaceProgressed(draft, event);
      return;
    case "workspace_ready":
      workspaceReady(draft, event);
      return;
    case "agent_phase":
      agentPhase(draft, event);
      return;
    case "agent_ready":
      agentReady(draft, event);
      return;
    case "agent_update":
      agentUpdated(draft, event);
      return;
    case "permission_requested":
      permissionRequested(draft, event);
      return;
    case "permission_settled":
      permissionSettled(draft, event);
      return;
    case "turn_ended":
      turnEnded(draft, event);
      return;
    case "model_failing":
      modelFailing(draft, event);
      return;
    case "model_answering":
      modelAnswering(draft, event);
      return;
    case "diff":
      diffReported(draft, event.diff);
      return;
    case "agent_gone":
      if (event.incarnation === agent?.incarnation && agent.state !== "gone") agentGone(draft, describeExit(event));
      return;
    case "delivery_phase":
      if (step === "delivery") draft.progressTo(event.phase);
      return;
    case "delivered":
      delivered(draft, event);
      return;
    case "receipt":
      if (isSaving(draft.facts)) noteReleaseLine(draft, event);
      else receiptReported(draft, event);
      return;
    case "torn_down":
      workspaceTornDown(draft, event);
      return;
    case "command_failed":
      commandFailed(draft, event);
  }
}

function commandReached(draft: TaskDraft, { commandId, reached }: EventOf<"command_reached">): void {
  draft.set({ replies: reachedBy(draft.facts.replies, commandId, reached, draft.now) });
}

function agentPhase(draft: TaskDraft, { incarnation, phase }: EventOf<"agent_phase">): void {
  const { agent, step } = draft.facts;
  if (incarnation !== agent?.incarnation || agent.state !== "starting") return;
  if (step === "agent_session" || step === "running") draft.progressTo(`${incarnation} ${phase}`);
}

function workspaceReady(draft: TaskDraft, event: EventOf<"workspace_ready">): void {
  const { step, workspace, request, waitsFor } = draft.facts;
  if (workspace === null || (step !== "workspace_creation" && step !== "workspace_ready")) return;
  const wanted = workToBringBack(draft.facts);
  const stands = event.broughtBack ?? null;
  // What a task before had was saved while this one waited for that; what it was handed on itself is in it.
  const before = [request.continues?.taskId, waitsFor];
  const wasSavedMeanwhile = stands !== null && before.includes(stands.taskId);
  if (wanted !== null && !wasSavedMeanwhile && stands?.commit !== wanted.commit) {
    const evidence = `the VM agent did not bring back the saved work ${wanted.commit} of ${wanted.taskId}`;
    failAndCleanUp(draft, "workspace_failed", evidence, "workspace_ready");
    return;
  }
  const broughtBack = wasSavedMeanwhile ? stands : wanted;
  draft.set({ workspace: { ...workspace, baseCommit: event.baseCommit }, broughtBack });
  if (draft.facts.comesBackFor?.kind === "delivery") {
    draft.note("The work is brought back, to be delivered.");
    deliver(draft, draft.facts.comesBackFor.cause);
    return;
  }
  draft.enter("agent_session", "workspace_ready");
  draft.note(`Checked out ${event.baseBranch} at ${event.baseCommit.slice(0, 12)}.`);
  if (broughtBack !== null) {
    draft.note(
      `Brought back the saved work of ${broughtBack.taskId} (${broughtBack.commit.slice(0, 12)}); what was not committed is not committed now.`,
    );
  }
  startAgent(draft, 0);
}

/** Bytes that stand still are no progress. Without a count the VM agent speaks only where git told of a step. */
function workspaceProgressed(draft: TaskDraft, event: EventOf<"workspace_progress" | "workspace_accepted">): void {
  if (event.type === "workspace_accepted") {
    if (draft.facts.step === "workspace_creation") draft.enter("workspace_ready", "workspace_accepted");
    return;
  }
  if (draft.facts.step !== "workspace_ready") return;
  if (event.bytes === null) draft.progress();
  else draft.progressTo(`${event.phase} ${event.bytes}`);
}

/** What the work is by now. The same again says nothing new, and a conversation is not filled with it. */
function diffReported(draft: TaskDraft, diff: WorkDiff): void {
  const mark = markOf(JSON.stringify(diff));
  if (mark === draft.facts.diffMark) return;
  draft.set({ diffMark: mark });
  draft.say("sam", { kind: "diff", diff });
}

function commandFailed(draft: TaskDraft, event: EventOf<"command_failed">): void {
  const { step } = draft.facts;
  switch (event.command) {
    case "create_workspace":
      if (step === "workspace_creation" || step === "workspace_ready") tryAgainOrFail(draft, event);
      return;
    case "deliver":
      if (step !== "delivery") return;
      if (event.verdicts !== null) noteVerdicts(draft, event.verdicts);
      tryAgainOrFail(draft, event);
      return;
    case "start_agent":
    case "prompt":
      agentCommandFailed(draft, event);
      return;
    case "tear_down":
      if (isSaving(draft.facts)) releaseRefused(draft, event);
      else teardownRefused(draft, event);
      return;
    case "answer":
    case "cancel_turn":
      // The watchdogs of the turn decide; what was not done is said.
      if (step === "running") draft.note(`The command ${event.command} failed: ${event.evidence}`);
  }
}

function tryAgainOrFail(draft: TaskDraft, event: EventOf<"command_failed">): void {
  const { attempt } = draft.facts;
  if (event.heldBy !== undefined) {
    waitForHolder(draft, event, event.heldBy);
    return;
  }
  if (!event.retryable || attempt >= maxAttemptsPerStep) {
    failAndCleanUp(draft, event.reason, event.evidence, "command_failed");
    return;
  }
  const delayMs = retryDelayMs(attempt - 1);
  draft.set({ attempt: attempt + 1, retryAt: draft.now + delayMs });
  draft.note(`Try ${attempt} failed (${event.reason}); the next one is in ${delayMs / 1000} s.`);
}

/**
 * Its workspace has work of the task before, which its VM agent goes on trying to save: that is waited for, without any
 * progress, as long as the step allows. Then it fails with what to do about it, and not as one that was merely slow.
 */
function waitForHolder(draft: TaskDraft, { reason, evidence }: EventOf<"command_failed">, heldBy: TaskId): void {
  const { attempt, deadlineAt, progressDeadlineAt, nodeId } = draft.facts;
  const retryAt = draft.now + heldRetryMs;
  if (retryAt >= Math.min(deadlineAt ?? Infinity, progressDeadlineAt ?? Infinity)) {
    const wayOn = `Make room on its disk, or look at what the work of ${heldBy} waits for, and say it again; or give ${nodeId ?? "the node"} up with what lies on it.`;
    failAndCleanUp(draft, reason, `${evidence}\n${wayOn}`, "command_failed");
    return;
  }
  if (attempt === 1)
    draft.note(`The workspace waits until the work of ${heldBy} is saved, which is tried each minute.`);
  draft.set({ attempt: Math.max(attempt, 2), retryAt });
}

const heldRetryMs = 15_000;

/** What starting the agent again cannot mend. */
const needsAPerson: ReadonlySet<FailureReason> = new Set([
  "agent_unknown",
  "agent_install_failed",
  "agent_not_configured",
]);

/** Of an agent that is gone, or that is being replaced, a failed command says nothing new. */
function agentCommandFailed(draft: TaskDraft, event: EventOf<"command_failed">): void {
  const { step, agent } = draft.facts;
  if (agent?.state !== (event.command === "start_agent" ? "starting" : "ready")) return;
  if (step === "agent_session" && !event.retryable && needsAPerson.has(event.reason)) {
    failAndCleanUp(draft, event.reason, event.evidence, "command_failed");
  } else if (step === "agent_session" || step === "running" || step === "awaiting_input") {
    agentGone(draft, event.evidence, event.reason);
  }
}

function describeExit(event: EventOf<"agent_gone">): string {
  const how = event.signal !== null ? `was ended by ${event.signal}` : `exited with ${event.exitCode ?? "no code"}`;
  return `the agent's process ${how}${event.outputTail === "" ? "" : `\n${event.outputTail}`}`;
}
