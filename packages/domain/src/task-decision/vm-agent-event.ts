/** What the VM agent reports about this task, event by event, in its order. */
import { maxAttemptsPerStep, retryDelayMs } from "../retry.ts";
import type { NodeTaskEvent } from "../node-task.ts";
import { agentGone, agentReady, startAgent, turnEnded } from "./agent-turn.ts";
import { cleanUp, prove, workspaceGone } from "./cleanup.ts";
import type { TaskDraft } from "./draft.ts";

type EventOf<Type extends NodeTaskEvent["type"]> = Extract<NodeTaskEvent, { type: Type }>;

export function vmAgentEvent(draft: TaskDraft, event: NodeTaskEvent): void {
  const { step, agent } = draft.facts;
  switch (event.type) {
    case "workspace_accepted":
      if (step === "workspace_creation") draft.enter("workspace_ready", "workspace_accepted");
      return;
    case "workspace_progress":
      if (step === "workspace_ready") draft.progress();
      return;
    case "workspace_ready":
      workspaceReady(draft, event);
      return;
    case "agent_phase":
      if (event.incarnation === agent?.incarnation && (step === "agent_session" || step === "running")) draft.progress();
      return;
    case "agent_ready":
      agentReady(draft, event);
      return;
    case "agent_update":
      if (step === "running") draft.progress();
      draft.say("agent", { kind: "agent_update", turn: event.turn, update: event.update });
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
    case "agent_gone":
      if (event.incarnation === agent?.incarnation && agent.state !== "gone") agentGone(draft, describeExit(event));
      return;
    case "delivery_phase":
      if (step === "delivery") draft.progress();
      return;
    case "delivered":
      delivered(draft, event);
      return;
    case "receipt":
      prove(draft, event.line, event.proof);
      return;
    case "torn_down":
      if (event.savedRef !== null) draft.note(`Unpushed work is saved on the node as ${event.savedRef}.`);
      workspaceGone(draft);
      return;
    case "command_failed":
      commandFailed(draft, event);
  }
}

function workspaceReady(draft: TaskDraft, event: EventOf<"workspace_ready">): void {
  const { step, workspace } = draft.facts;
  if (workspace === null || (step !== "workspace_creation" && step !== "workspace_ready")) return;
  draft.set({ workspace: { ...workspace, baseCommit: event.baseCommit } });
  draft.enter("agent_session", "workspace_ready");
  draft.note(`Checked out ${event.baseBranch} at ${event.baseCommit.slice(0, 12)}.`);
  startAgent(draft, 0);
}

function permissionRequested(draft: TaskDraft, event: EventOf<"permission_requested">): void {
  const { requestId, title, options } = event;
  if (draft.facts.step !== "running") return;
  draft.say("sam", { kind: "permission", requestId, title, options });
  draft.set({ permission: { requestId, title, options } });
  draft.enter("awaiting_input", "permission_requested");
}

function permissionSettled(draft: TaskDraft, event: EventOf<"permission_settled">): void {
  const { permission, turn, step } = draft.facts;
  if (permission?.requestId !== event.requestId) return;
  draft.set({ permission: null });
  if (step === "awaiting_input" && turn?.running === true) draft.enter("running", "permission_settled");
}

/** The verdicts decide: the end of a turn is not success. */
function delivered(draft: TaskDraft, event: EventOf<"delivered">): void {
  if (draft.facts.step !== "delivery") return;
  const verdicts = { ...draft.facts.verdicts, ...event.verdicts };
  draft.set({ verdicts });
  draft.say("sam", { kind: "verdicts", verdicts });
  const { pendingFailure } = draft.facts;
  if (pendingFailure !== null) {
    draft.fail(pendingFailure.reason, pendingFailure.evidence, "delivered");
  } else if (verdicts.ended?.holds !== true) {
    draft.fail("agent_reported_failure", verdicts.ended?.detail ?? "the turn did not end", "delivered");
  } else if (verdicts.checked?.outcome === "failed") {
    const { command, exitCode, outputTail } = verdicts.checked;
    draft.fail("check_failed", `${command ?? "check"} exited with ${exitCode ?? "no code"}\n${outputTail}`, "delivered");
  } else {
    draft.enter("completed", "delivered");
  }
  cleanUp(draft);
}

function commandFailed(draft: TaskDraft, event: EventOf<"command_failed">): void {
  const { step, attempt, verdicts } = draft.facts;
  if (event.verdicts !== null && step === "delivery") {
    draft.set({ verdicts: { ...verdicts, ...withoutNull(event.verdicts) } });
  }
  if (event.command === "tear_down") {
    draft.note(`The workspace is kept on the node: ${event.evidence}`);
    workspaceGone(draft);
    return;
  }
  const concerns =
    (event.command === "create_workspace" && (step === "workspace_creation" || step === "workspace_ready")) ||
    (event.command === "deliver" && step === "delivery");
  if (concerns && event.retryable && attempt < maxAttemptsPerStep) {
    draft.set({ attempt: attempt + 1, retryAt: draft.now + retryDelayMs(attempt - 1) });
    draft.note(`Try ${attempt} failed (${event.reason}); the next one is in ${retryDelayMs(attempt - 1) / 1000} s.`);
  } else if (concerns) {
    draft.fail(event.reason, event.evidence, "command_failed");
    cleanUp(draft);
  } else if (event.command === "start_agent" || event.command === "prompt") {
    agentCommandFailed(draft, event);
  }
}

function agentCommandFailed(draft: TaskDraft, event: EventOf<"command_failed">): void {
  const { step } = draft.facts;
  if (step === "agent_session" && !event.retryable && event.reason === "agent_unknown") {
    draft.fail(event.reason, event.evidence, "command_failed");
    cleanUp(draft);
  } else if (step === "agent_session" || step === "running") {
    agentGone(draft, event.evidence);
  }
}

function describeExit(event: EventOf<"agent_gone">): string {
  const how = event.signal !== null ? `was ended by ${event.signal}` : `exited with ${event.exitCode ?? "no code"}`;
  return `the agent's process ${how}${event.outputTail === "" ? "" : `\n${event.outputTail}`}`;
}

function withoutNull<Value extends object>(value: Value): Partial<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, it]) => it !== null)) as Partial<Value>;
}
