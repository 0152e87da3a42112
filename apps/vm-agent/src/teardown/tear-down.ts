/**
 * Carrying out `tear_down` and `void_task`: end every process, save the work, remove the workspace; each with its proof,
 * in this order. The agent's home stays for whoever continues the task; see kept-homes.ts. Taken up again after a power cut it goes on behind the last line that was proven. A task that this node
 * never heard of is torn down too: every line is then proven trivially.
 */
import type { ReceiptLine } from "@sam/domain/node-task";
import { savedRefOf } from "@sam/domain/saved-work";

import { messageOf, clipHead } from "../clipped-text.ts";
import { logFact } from "../log.ts";
import { describeGone, endProcesses, listPids, ProcessesRemain } from "../process/end-processes.ts";
import { homeOf, type TaskFacts } from "../store/task-records.ts";
import { CommandFailure } from "../task/command-failure.ts";
import { finish, type BodyOf, type Job } from "../task/job.ts";
import { removeByRenaming, removeFolder } from "../workspace/remove-folder.ts";
import { saveWork } from "./save-work.ts";

export type TearDownJob = Job<BodyOf<"tear_down" | "void_task">>;

/** @throws CommandFailure; what was proven so far stays said, and the command may be sent again. */
export async function tearDown(job: TearDownJob): Promise<void> {
  const receipt = new Receipt(job);
  await endAll(job, receipt);
  const heir = job.node.records.heirOf(job.taskId, job.body.workspaceId);
  if (heir !== null) {
    const proof = `the workspace is ${heir}'s now, which goes on in it`;
    await receipt.prove("workspace_saved", proof);
    await receipt.prove("workspace_removed", proof);
  }
  if (!receipt.has("workspace_saved")) {
    const saved = await saveWork(job);
    await receipt.prove("workspace_saved", saved.proof, () => {
      if (saved.work === null) return;
      job.node.records.update(job.taskId, { savedRef: savedRefOf(job.taskId) });
      job.node.saved.put(job.taskId, saved.work);
    });
  }
  if (!receipt.has("workspace_removed")) await receipt.prove("workspace_removed", await removeAll(job));
  const { node, taskId } = job;
  const facts = node.records.get(taskId);
  const over = () => node.records.update(taskId, { life: "over" });
  const saved = facts.savedRef === null ? null : node.saved.get(taskId);
  const tornDown = { type: "torn_down", savedRef: facts.savedRef } as const;
  await finish(job, over, saved === null ? tornDown : { ...tornDown, savedWork: saved.report });
  node.secrets.forget(taskId);
  await settleHome(job, facts);
  // Nobody hears its receipt any more.
  if (job.body.type === "void_task") logFact("task_voided", { taskId });
}

/** Whoever continues the task finds the agent's sessions; a task that is void, or had no agent, is continued by nobody. */
async function settleHome({ node, taskId, body }: TearDownJob, facts: TaskFacts): Promise<void> {
  if (body.type === "void_task" || facts.agent === null) await node.homes.remove(homeOf(taskId, facts));
  else node.homes.touch(homeOf(taskId, facts));
  node.homes.tend();
}

/** The lines of this command's receipt; each is said once, even over restarts. */
class Receipt {
  readonly #job: TearDownJob;
  readonly #lines: string[];

  constructor(job: TearDownJob) {
    this.#job = job;
    this.#lines = [...job.command.progress];
  }

  has(line: ReceiptLine): boolean {
    return this.#lines.includes(line);
  }

  prove(line: ReceiptLine, proof: string, change: () => void = () => undefined): Promise<void> {
    if (this.has(line)) return Promise.resolve();
    this.#lines.push(line);
    const { node, taskId, command } = this.#job;
    return node.state.commit(() => {
      change();
      node.outbox.append(taskId, { type: "receipt", line, proof: clipHead(proof, 4_096) });
      node.inbox.noteProgress(command.commandId, this.#lines);
    });
  }
}

/** Done even where the lines were said before: a restart proves nothing about processes by itself. */
async function endAll(job: TearDownJob, receipt: Receipt): Promise<void> {
  const { graceMs } = job.node.settings.timings;
  const onSignalled = (pids: readonly number[]) =>
    receipt.prove(
      "signal_sent",
      pids.length === 0 ? "no process of the task was running" : `SIGTERM to ${listPids(pids)}`,
    );
  try {
    const gone = await endProcesses([job.taskId], { graceMs, giveUpMs: 20_000, onSignalled });
    await receipt.prove("processes_gone", describeGone(gone));
  } catch (error) {
    if (!(error instanceof ProcessesRemain)) throw error;
    throw new CommandFailure("delivery_failed", `${error.message}; the workspace was kept`, { retryable: true });
  }
}

async function removeAll(job: TearDownJob): Promise<string> {
  const { layout, records } = job.node;
  const workspaceId = records.get(job.taskId).workspace?.workspaceId ?? job.body.workspaceId;
  const path = layout.workspace(workspaceId);
  try {
    await removeByRenaming(path, layout.unfinished(workspaceId));
    await removeFolder(layout.vault(workspaceId));
    await removeFolder(layout.temporary(job.taskId));
  } catch (error) {
    throw new CommandFailure("delivery_failed", `${path} could not be removed: ${messageOf(error)}`, {
      retryable: true,
    });
  }
  const isKept = job.body.type === "tear_down" && records.get(job.taskId).agent !== null;
  return isKept ? `${path} does not exist; the agent's sessions are kept on this node` : `${path} does not exist`;
}
