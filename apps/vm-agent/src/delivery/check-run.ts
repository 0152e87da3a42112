/** A check run is the project's check command, run once with `sh -c` in the workspace under the task's mark. */
import type { CheckedVerdict } from "@sam/domain/verdicts";

import { taskEnvironment } from "../agent/task-environment.ts";
import { clipHead, clipTail } from "../clipped-text.ts";
import { defaultEnd, endProcesses } from "../process/end-processes.ts";
import { OutputTail } from "../process/output-tail.ts";
import { runCommand } from "../process/run-command.ts";
import { markedCommand } from "../process/task-mark.ts";
import { homeOf } from "../store/task-records.ts";
import type { Job } from "../task/job.ts";

/** More than is told, so that a secret at its beginning is known whole. */
const tailBytes = 32 * 1024;
const toldLength = 8 * 1024;

/**
 * Runs it without a deadline of its own: `delivery` has one, and a tear-down ends it. What it leaves running in the
 * background is ended. @throws the reason of the job's signal
 */
export async function runCheck(job: Job, workspace: string, command: string): Promise<CheckedVerdict> {
  const { node, taskId, signal } = job;
  const tail = new OutputTail(tailBytes);
  const keep = (chunk: Buffer) => tail.push(chunk);
  const outcome = await runCommand({
    command: markedCommand(taskId, ["/bin/sh", "-c", command]),
    cwd: workspace,
    env: taskEnvironment(node.layout, taskId, homeOf(taskId, node.records.get(taskId))),
    timeoutMs: null,
    signal,
    onStdout: keep,
    onStderr: keep,
  });
  await endProcesses([taskId], { ...defaultEnd, graceMs: 200 });
  const mask = node.secrets.mask(taskId);
  const ended = outcome.signal === null ? "" : `\n[ended by ${outcome.signal}]`;
  return {
    outcome: outcome.exitCode === 0 ? "passed" : "failed",
    command: clipHead(command, 4_096),
    exitCode: outcome.exitCode,
    durationMs: Math.round(outcome.durationMs),
    outputTail: `${clipTail(mask.maskTail(tail.text()), toldLength)}${ended}`,
  };
}
