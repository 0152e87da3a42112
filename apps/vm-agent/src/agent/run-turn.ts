/** Carrying out `prompt`: one turn of the agent, from the words that it is told to the way it ended. */
import { unlessAborted } from "../deadline.ts";
import { reportDiff } from "../diff/report-diff.ts";
import { diffOfWorkspace } from "../diff/work-diff.ts";
import { CommandFailure } from "../task/command-failure.ts";
import { finish, type BodyOf, type Job } from "../task/job.ts";
import { openVault, standingWorkspace } from "../workspace/task-vault.ts";
import type { TaskAgent } from "./live-agent.ts";

export type PromptJob = Job<BodyOf<"prompt">>;

/** Ends with `turn_ended`; where the agent ends on the way, with `agent_gone`. @throws CommandFailure */
export async function runTurn(job: PromptJob, agent: TaskAgent | null): Promise<void> {
  const { node, taskId, body, signal } = job;
  if (agent === null || agent.pid === null || agent.isHushed) {
    await keepUnsent(job);
    return;
  }
  const { unsentPrompt, agent: known } = node.records.get(taskId);
  // A turn that no agent has seen can't be resumed: it is told from the start.
  const isResumed = body.resume && unsentPrompt === null;
  const text = body.resume ? (unsentPrompt ?? body.text) : body.text;
  await node.state.commit(() => {
    node.inbox.begin(job.command.commandId);
    const inTurn = known === null ? null : { ...known, state: "in_turn" as const };
    node.records.update(taskId, { turn: body.turn, unsentPrompt: null, agent: inTurn });
  });
  signal.throwIfAborted();
  const { commandId } = job.command;
  const told = { turn: body.turn, text, resume: isResumed, commandId };
  const end = await unlessAborted(agent.runTurn(told), signal);
  if (signal.aborted || end === null || agent.isHushed) return;
  const change = () => {
    const { agent: facts } = node.records.get(taskId);
    if (facts?.incarnation === agent.incarnation) node.records.update(taskId, { agent: { ...facts, state: "ready" } });
  };
  await finish(job, change, ...agent.closeQuestions(), { type: "turn_ended", turn: body.turn, ...end });
  await reportTurnDiff(job);
}

/** After the end is said, since nobody waits for it: a delivery that comes meanwhile aborts it, and reports its own. */
async function reportTurnDiff(job: PromptJob): Promise<void> {
  const workspace = standingWorkspace(job);
  if (workspace === null) return;
  await reportDiff(job, async (mask) => await diffOfWorkspace(await openVault(job, workspace), mask));
}

/**
 * The agent was gone when the prompt's time came. Where the control plane does not know that yet, it will start the agent
 * again and resume; then the prompt is told first. Where it does know, it is told that this prompt can't be done.
 */
async function keepUnsent(job: PromptJob): Promise<void> {
  const { node, taskId, body } = job;
  const { unsentPrompt } = node.records.get(taskId);
  const text = body.resume ? unsentPrompt : body.text;
  if (node.outbox.hasUnacknowledged(taskId)) {
    await finish(job, () => node.records.update(taskId, { unsentPrompt: text }));
    return;
  }
  await node.state.commit(() => node.records.update(taskId, { unsentPrompt: text }));
  throw new CommandFailure("agent_exited", "no agent of the task is running on this node", { retryable: true });
}
