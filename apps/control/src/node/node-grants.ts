/**
 * What a node may be told of its agents: a grant goes to the node that holds the task, for the agent that the task's
 * runner names, while that agent may be started. So a node cannot ask for another owner's, or another agent's.
 */
import type { NodeFacts } from "@sam/domain/node-facts";
import type { TaskStep } from "@sam/domain/task-lifecycle";
import type { DownFrame, UpFrame } from "@sam/protocol/node-channel";
import type { TaskView } from "@sam/protocol/task-api";
import { maxFrameBytes } from "@sam/protocol/version";

import { makeGrant, type GrantOutcome } from "../agent/agent-grant.ts";
import { databaseOf } from "../database/built-once.ts";
import { ConfigurationError, type Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";
import { report } from "../system/report.ts";
import { ownsTask } from "../task/task-list.ts";

export type GrantWanted = Extract<UpFrame, { type: "grant_wanted" }>;
type GrantAnswer = Extract<DownFrame, { type: "grant" | "grant_refused" }>;

const grantTimeoutMs = 10_000;
/**
 * The steps in which an agent is started, or started again; and the delivery, which looks for the secrets in what it is
 * about to push, also where the VM agent that knew them is gone.
 */
const grantingSteps: ReadonlySet<TaskStep> = new Set<TaskStep>([
  "agent_session",
  "running",
  "awaiting_input",
  "delivery",
]);

/** Never throws: what goes wrong is the reason of a refusal, and the VM agent says it in its task. */
export async function answerGrant(env: Env, facts: NodeFacts, wanted: GrantWanted): Promise<GrantAnswer> {
  const { requestId } = wanted;
  const outcome = await decideGrant(env, facts, wanted);
  if (!outcome.granted) return { type: "grant_refused", requestId, detail: outcome.detail };
  const answer = { type: "grant" as const, requestId, grant: outcome.grant };
  if (new TextEncoder().encode(JSON.stringify(answer)).length <= maxFrameBytes) return answer;
  const detail = `The secrets of this owner are together larger than ${maxFrameBytes} bytes: delete one of them.`;
  return { type: "grant_refused", requestId, detail };
}

async function decideGrant(env: Env, facts: NodeFacts, wanted: GrantWanted): Promise<GrantOutcome> {
  const { taskId, agentId } = wanted;
  try {
    const refusal = refused(`${taskId} is not a task of this node.`);
    const isToSave = wanted.purpose === "save";
    if (!isToSave && !facts.claims.includes(taskId)) return refusal;
    const { nodeId, ownerId } = facts.request;
    const [owned, task] = await within<[boolean, TaskView | null]>(
      taskId,
      grantTimeoutMs,
      Promise.all([ownsTask(databaseOf(env), ownerId, taskId), env.TASK_RUNNER.getByName(taskId).view()]),
    );
    // What was saved there is looked through for secrets also when the task has long left the node.
    const isThere = task?.nodeId === nodeId || (isToSave && task?.savedWork?.nodeId === nodeId);
    if (!owned || task === null || !isThere) return refusal;
    if (task.agentId !== agentId) return refused(`${taskId} is not for the agent ${agentId}.`);
    if (!isToSave && !grantingSteps.has(task.step)) return refused(`${taskId} needs no grant now: it is ${task.step}.`);
    return await within("the grant", grantTimeoutMs, makeGrant(env, ownerId, task.projectId, agentId));
  } catch (error) {
    report(`grant for ${taskId}`, error);
    if (error instanceof ConfigurationError) return refused(`${error.message}.`);
    return refused("The control plane could not read the agent's settings and secrets; its log says why.");
  }
}

function refused(detail: string): GrantOutcome {
  return { granted: false, detail };
}
