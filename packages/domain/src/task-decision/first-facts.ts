/** What is known of a task in the moment in which it is accepted. */
import { startClocks } from "../clocks.ts";
import type { Settings } from "../settings.ts";
import { branchOf, titleOf, type TaskFacts, type TaskRequest } from "../task-facts.ts";
import { noVerdicts } from "../verdicts.ts";

export function firstFacts(request: TaskRequest, now: number, settings: Settings): TaskFacts {
  const title = titleOf(request.prompt);
  return {
    request,
    title,
    branch: request.continues?.branch ?? branchOf(request.taskId, title),
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
    workedOn: null,
    nodeMark: null,
    workspace: null,
    agent: null,
    turn: null,
    permission: null,
    furtherPermissions: [],
    waitingTexts: [],
    saidKeys: [],
    replies: [],
    interrupted: false,
    modelTrouble: null,
    usage: null,
    diffMark: null,
    savedRef: null,
    savedWork: null,
    bringsBack: request.continues?.savedWork ?? null,
    broughtBack: null,
    continuedBy: null,
    verdicts: noVerdicts,
    pendingFailure: null,
    failure: null,
    cancel: null,
    receipt: [],
    unproven: [],
    nodeEventSeq: 0,
  };
}
