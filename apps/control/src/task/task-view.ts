/** What a client is shown of a task: its facts, with the words of the lifecycle table beside them. */
import { failureReasons } from "@sam/domain/failure-reason";
import { modelGiveUpAt } from "@sam/domain/model-watch";
import { receiptOf } from "@sam/domain/receipt";
import type { Reply } from "@sam/domain/reply";
import type { TaskFacts } from "@sam/domain/task-facts";
import { canCancel, describeConsequence, taskLifecycle } from "@sam/domain/task-lifecycle";
import { canDeliver, canDiscardSavedWork, canForce, canInterrupt, canSay } from "@sam/domain/user-may";
import type { ReleaseView, ReplyView, TaskView } from "@sam/protocol/task-api";

import { savedWorkView } from "../saved/saved-view.ts";

export function taskView(facts: TaskFacts): TaskView {
  const { request, step, failure } = facts;
  const row = taskLifecycle[step];
  return {
    taskId: request.taskId,
    projectId: request.projectId,
    title: facts.title,
    prompt: request.prompt,
    repository: { ...request.repository },
    agentId: request.agentId,
    checkCommand: request.checkCommand,
    mode: request.mode,
    permissionPolicy: request.permissionPolicy,
    continues: request.continues?.taskId ?? null,
    continuedBy: facts.continuedBy,
    step,
    final: row.final,
    canCancel: canCancel(step),
    canSay: canSay(facts),
    canInterrupt: canInterrupt(facts),
    canDeliver: canDeliver(facts),
    version: facts.version,
    createdAt: facts.createdAt,
    clocks: { ...facts.clocks },
    deadlineAt: facts.deadlineAt,
    progressDeadlineAt: facts.progressDeadlineAt,
    waitsFor: row.final ? null : row.waitsFor,
    onDeadline: row.final ? null : describeConsequence(row.then),
    stalledSince: facts.stalledSince,
    progress: facts.progressMark?.replace(/^\d+ /, "") ?? null,
    modelTrouble:
      facts.modelTrouble === null
        ? null
        : { ...facts.modelTrouble, giveUpAt: modelGiveUpAt(facts), failure: { ...facts.modelTrouble.failure } },
    usage: facts.usage === null ? null : { ...facts.usage },
    waitingTexts: [...facts.waitingTexts],
    replies: facts.replies.map(replyView),
    queuePlace: facts.queuePlace,
    attempt: facts.attempt,
    incarnation: facts.agent?.incarnation ?? 0,
    nodeId: facts.nodeId,
    branch: facts.branch,
    baseCommit: facts.workspace?.baseCommit ?? null,
    verdicts: { ...facts.verdicts },
    failure: failure === null ? null : { ...failure, whatToDo: failureReasons[failure.reason] },
    receipt: facts.receipt.map((entry) => ({ ...entry })),
    unproven: [...facts.unproven],
    receiptLines: receiptOf(facts).map((line) => ({ ...line })),
    canForce: canForce(facts),
    savedRef: facts.savedRef,
    savedWork: facts.savedWork === null ? null : savedWorkView(request.taskId, facts.savedWork),
    canDiscardSavedWork: canDiscardSavedWork(facts),
    broughtBack: facts.broughtBack === null ? null : { ...facts.broughtBack },
    release: releaseView(facts),
    permission: facts.permission === null ? null : { ...facts.permission, options: [...facts.permission.options] },
    furtherPermissions: facts.furtherPermissions.length,
  };
}

function releaseView(facts: TaskFacts): ReleaseView | null {
  const { step, away, kept, comesBackFor, releaseAt: dueAt, savedRef, savedWork } = facts;
  if (step !== "awaiting_input" && comesBackFor === null) return null;
  return {
    dueAt,
    savingSince: away?.state === "saving" ? away.since : null,
    releasedAt: away?.releasedAt ?? null,
    savedRef: away === null && comesBackFor === null ? null : savedRef,
    savedOn: away?.state === "released" && savedWork?.place === "mirror" ? savedWork.nodeId : null,
    kept: kept === null ? null : { ...kept },
    comesBack: comesBackFor !== null,
  };
}

function replyView({ commandId: _commandId, missed, ...reply }: Reply): ReplyView {
  return { ...reply, missed: missed === null ? null : { ...missed } };
}
