/** `sam agent check <id>`: one small real turn, followed line by line: what works, or what is wrong and what to do. */
import { progressText } from "@sam/domain/progress-words";
import type { AgentView } from "@sam/protocol/agent-api";
import type { TaskView } from "@sam/protocol/task-api";

import type { CommandContext } from "../command-context.ts";
import { CommandError, type ExitCode, exitCodes } from "../exit-code.ts";
import { ensureSampleRepository } from "../first-task/sample-repository.ts";
import { followTask } from "../task/follow-task.ts";
import { repositoryUrl } from "../task/task-request.ts";
import { printJson } from "../terminal/json-output.ts";
import { plainText } from "../terminal/plain-text.ts";
import { runningClock } from "../terminal/times.ts";
import { checkAgent, listAgents } from "./agent-requests.ts";
import { type CheckLine, CheckProgress } from "./check-progress.ts";

export interface CheckAgentOptions {
  readonly repo?: string;
}

const stageWidth = 11;

export async function checkAgentCommand(
  context: CommandContext,
  agentId: string,
  options: CheckAgentOptions,
): Promise<ExitCode> {
  const { api, json, terminal } = context;
  const agent = await requireAgent(context, agentId);
  const repository =
    options.repo === undefined ? await ensureSampleRepository(context.directory) : repositoryUrl(options.repo);
  const submitted = await checkAgent(api, agent.agentId, { repositoryUrl: repository });
  const progress = new CheckProgress(agent);
  if (!json)
    terminal.line(`One small turn of ${agent.name}, as ${submitted.taskId} on ${plainText(submitted.repository.url)}`);
  const task = await follow(context, submitted.taskId, progress);
  for (const line of progress.end(task)) show(context, line);
  const good = progress.isGood();
  if (json) printJson({ agentId: agent.agentId, ok: good, lines: progress.lines, task });
  else terminal.line(endText(agent, task, good));
  if (task.step === "cancelled") return exitCodes.cancelled;
  return good ? exitCodes.completed : exitCodes.failed;
}

async function requireAgent({ api }: CommandContext, agentId: string): Promise<AgentView> {
  const agents = await listAgents(api, null);
  const agent = agents.find((one) => one.agentId === agentId);
  if (agent !== undefined) return agent;
  const ids = agents.map((one) => one.agentId).join(", ");
  throw new CommandError(`There is no agent ${agentId}. There are: ${ids}. See them with: sam agents`);
}

/** Ctrl-C cancels the check; its task is followed to its end all the same, so that nothing of it is left. */
async function follow(context: CommandContext, taskId: string, progress: CheckProgress): Promise<TaskView> {
  const { api, terminal } = context;
  const cancel = () => {
    terminal.status("cancelling the check");
    void api.cancel(taskId).catch(() => undefined);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, cancel);
  try {
    const ended = await followTask(
      api,
      { taskId },
      {
        message: (message) => {
          for (const line of progress.message(message)) show(context, line);
        },
        task: (task) => terminal.status(task.final ? null : statusText(task, Date.now())),
        lost: () => terminal.status("no contact with the control plane; it is dialled again by itself"),
        submitted: () => undefined,
        back: () => undefined,
        result: () => undefined,
        close: () => undefined,
      },
    );
    return ended ?? (await api.task(taskId));
  } finally {
    terminal.status(null);
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.removeListener(signal, cancel);
  }
}

function statusText(task: TaskView, nowMs: number): string {
  const parts = [`● ${task.step} for ${runningClock(nowMs - task.clocks.inStateSince)}`];
  if (task.progress !== null) parts.push(progressText(task.progress));
  else if (task.waitsFor !== null) parts.push(`waits for ${task.waitsFor}`);
  if (task.deadlineAt !== null) parts.push(`limit in ${runningClock(task.deadlineAt - nowMs)}`);
  return parts.join(" · ");
}

function show({ json, terminal }: CommandContext, { stage, ok, text }: CheckLine): void {
  if (json) return;
  const [first = "", ...others] = plainText(text).split("\n");
  terminal.line(
    `${ok ? terminal.paint("green", "✓") : terminal.paint("red", "✗")} ${stage.padEnd(stageWidth)}${first}`,
  );
  for (const line of others) terminal.line(`${" ".repeat(stageWidth + 2)}${line}`);
}

function endText({ agentId, name }: AgentView, { taskId, step }: TaskView, good: boolean): string {
  if (good) return `${name} works. Give it a task with: sam run --agent ${agentId} --repo <path or URL> "what to do"`;
  if (step === "cancelled") return `The check of ${name} was cancelled.`;
  return `${name} does not work yet. All that was seen: sam task ${taskId} --watch`;
}
