/**
 * Permissions: what the agent asks the user in mid-turn. What the task's policy allows is answered at once. One is open at a time and the others queue behind it, since an
 * agent may ask several at once and waits for each.
 */
import type { NodeTaskEvent, PermissionOption } from "../node-task.ts";
import { policyAllows } from "../permission-policy.ts";
import { withAnswer } from "../reply.ts";
import { isAway, isGivenBefore } from "../return.ts";
import type { TaskEvent } from "../task-event.ts";
import type { PermissionFacts, TaskFacts } from "../task-facts.ts";
import type { TaskDraft } from "./draft.ts";
import { answeredAway } from "./release.ts";
import { pauseTurn, resumeTurn } from "./turn.ts";
import { callOwner } from "./waiting.ts";

type EventOf<Type extends NodeTaskEvent["type"]> = Extract<NodeTaskEvent, { type: Type }>;

/** A question of an agent that is gone, or is being replaced, is void: nobody waits for its answer. */
export function permissionRequested(draft: TaskDraft, event: EventOf<"permission_requested">): void {
  const { step, agent, turn, permission, furtherPermissions, interrupted, request } = draft.facts;
  const { requestId, title, detail, options, scope } = event;
  const question: PermissionFacts = { requestId, title, detail, toolKind: scope.toolKind, askedAt: draft.now, options };
  if (agent?.state !== "ready" || turn?.running !== true || (step !== "running" && step !== "awaiting_input")) return;
  if ([permission, ...furtherPermissions].some((known) => known?.requestId === requestId)) return;
  const allowed = policyAllows(request.permissionPolicy, scope) ? allowOnce(options) : null;
  const before = givenAlready(draft.facts, question);
  if (interrupted) {
    // Its turn is being cancelled: nothing of it is allowed any more.
    answerAtOnce(draft, question, null, "sam");
  } else if (allowed !== null) {
    answerAtOnce(draft, question, allowed, `policy:${request.permissionPolicy}`);
  } else if (before !== null) {
    draft.set({ givenBefore: null });
    answerAtOnce(draft, question, before.optionId, before.by);
  } else if (step === "running") {
    ask(draft, question);
    draft.set({ permission: question });
    pauseTurn(draft, "permission_requested");
  } else {
    ask(draft, question);
    draft.set({ furtherPermissions: [...furtherPermissions, question] });
  }
}

/** It was asked before its machine was released, and answered since: the user need not answer the very same twice. */
function givenAlready(
  { givenBefore }: TaskFacts,
  question: PermissionFacts,
): { readonly optionId: string; readonly by: string } | null {
  if (givenBefore === null || !isGivenBefore(givenBefore, question)) return null;
  const [option, ...others] = question.options.filter(({ kind }) => kind === givenBefore.kind);
  return option === undefined || others.length > 0 ? null : { optionId: option.optionId, by: givenBefore.by };
}

function ask(draft: TaskDraft, { requestId, title, detail, toolKind, options }: PermissionFacts): void {
  draft.say("sam", { kind: "permission", requestId, title, detail, toolKind, options });
}

/** A policy allows this one time and no more: "always" would be a policy of the agent's own. */
function allowOnce(options: readonly PermissionOption[]): string | null {
  return options.find(({ kind }) => kind === "allow_once")?.optionId ?? null;
}

function answerAtOnce(draft: TaskDraft, question: PermissionFacts, optionId: string | null, by: string): void {
  const { requestId } = question;
  ask(draft, question);
  draft.say("sam", { kind: "permission_settled", requestId, optionId, by });
  draft.command({ type: "answer", requestId, optionId });
}

/** The agent no longer waits for this answer, whoever gave it or took it back. */
export function permissionSettled(draft: TaskDraft, event: EventOf<"permission_settled">): void {
  const { permission, furtherPermissions } = draft.facts;
  const { requestId, optionId } = event;
  // Of an agent that was ended for the release of its machine this says nothing: the question waits for its user.
  if (isAway(draft.facts)) return;
  const behind = furtherPermissions.filter((known) => known.requestId !== requestId);
  if (permission?.requestId !== requestId && behind.length === furtherPermissions.length) return;
  draft.say("sam", { kind: "permission_settled", requestId, optionId, by: "agent" });
  draft.set({ furtherPermissions: behind });
  if (permission?.requestId === requestId) nextPermission(draft, "permission_settled");
}

/** Exactly once: an answer to a question that is no longer open changes nothing. */
export function answered(draft: TaskDraft, event: Extract<TaskEvent, { type: "answered" }>): void {
  const { permission, step } = draft.facts;
  const { requestId, optionId, by } = event;
  if (step !== "awaiting_input" || permission?.requestId !== requestId) return;
  if (isAway(draft.facts)) {
    answeredAway(draft, event);
    return;
  }
  draft.say("sam", { kind: "permission_settled", requestId, optionId, by });
  const commandId = draft.command({ type: "answer", requestId, optionId });
  draft.set({ replies: withAnswer(draft.facts.replies, { requestId, optionId, by, commandId }, draft.now) });
  nextPermission(draft, "answered");
}

function nextPermission(draft: TaskDraft, cause: string): void {
  const [permission = null, ...furtherPermissions] = draft.facts.furtherPermissions;
  draft.set({ permission, furtherPermissions });
  const { step, turn } = draft.facts;
  if (permission !== null) callOwner(draft);
  if (permission === null && step === "awaiting_input" && turn?.running === true) resumeTurn(draft, cause);
}
