/**
 * A block run is one try of one block: asked for where the session asks, recorded before it starts, shown while it runs,
 * recorded when it has ended, and then shown as ended.
 */
import { BlockOutput } from "./block-output.ts";
import { startBlock, type BlockExit, type BlockProcess } from "./block-process.ts";
import { environmentOf, shellOf } from "./block-shell.ts";
import type { BlockEnded, BlockOutcome } from "./journal-record.ts";
import { OutputFeed } from "./output-feed.ts";
import { processesOf } from "./process-tree.ts";
import { endedCall, pendingCall, planOf, runningCall, toolCallIdOf, type BlockAttempt } from "./session-update.ts";
import type { TurnContext } from "./turn-host.ts";
import type { Failure, FailureReason } from "./turn-result.ts";
import { exitFailure, leftBehind, rejection, startFailure, stateFailure, substituteShell } from "./wording.ts";

/** How a block run leaves its turn: it goes on, or it has failed, with the sentence that says so. */
export type BlockRunEnd =
  | { readonly kind: "completed" | "stopped" }
  | { readonly kind: "failed"; readonly failure: Failure; readonly text: string };

interface Outcome {
  readonly outcome: BlockOutcome;
  readonly exit: BlockExit | undefined;
  readonly output: string;
}

export async function runBlock(turn: TurnContext, one: BlockAttempt): Promise<BlockRunEnd> {
  const { host, run, stop } = turn;
  const { block } = one;
  await host.show(pendingCall(one));
  const permission = host.state.mode === "ask" ? await host.ask(one, stop.signal) : "allowed";
  if (permission === "rejected") {
    await conclude(turn, one, { outcome: "rejected", exit: undefined, output: "" });
    return failed(block.index, "rejected", rejection(block, run.blocks.length));
  }
  if (permission === "cancelled" || stop.outcome !== undefined) {
    await conclude(turn, one, { outcome: stop.outcome ?? "cancelled", exit: undefined, output: "" });
    return { kind: "stopped" };
  }
  try {
    await host.record({ type: "block_started", index: block.index, attempt: one.attempt, atMs: Date.now() });
  } catch (error) {
    await host.show(endedCall(one, endedRecord(one, { outcome: "not_started", exit: undefined, output: "" })));
    const text = stateFailure(block, false, host.journalPath, error, run.blocks.length);
    return failed(block.index, "state_unwritable", text);
  }
  return execute(turn, one);
}

async function execute(turn: TurnContext, one: BlockAttempt): Promise<BlockRunEnd> {
  const { host, run, stop } = turn;
  const { block } = one;
  const output = new BlockOutput();
  const feed = new OutputFeed(async () => {
    const text = output.text(false);
    await host.show(runningCall(one, text));
    return text.length;
  });
  const shell = shellOf(block, process.env["PATH"]);
  const tag = `${host.sessionId}/${toolCallIdOf(one)}`;
  let running: BlockProcess;
  try {
    running = await startBlock({
      shell,
      cwd: host.state.cwd,
      environment: environmentOf(tag, process.env),
      onOutput: (chunk) => {
        output.append(chunk);
        feed.changed();
      },
      signal: stop.signal,
    });
  } catch (error) {
    const outcome = stop.outcome ?? "not_started";
    await conclude(turn, one, { outcome, exit: undefined, output: "" });
    const text = startFailure(block, error, run.blocks.length);
    return stop.outcome === undefined ? failed(block.index, "not_started", text) : { kind: "stopped" };
  }
  host.blockStarted(running.pid);
  await host.show(planOf(run, block.index));
  if (shell.isSubstitute) {
    await host.say(substituteShell(block));
  }
  if (output.totalBytes === 0) {
    await host.show(runningCall(one, ""));
  }
  const end = await endOf(turn, running);
  feed.end();
  const left = stop.outcome === undefined ? processesOf({ tagPrefix: tag, leaderPid: running.pid }) : [];
  host.blockEnded(left);
  const recordError = await conclude(turn, one, { ...end, output: output.text(true) });
  if (left.length > 0) {
    await host.say(leftBehind(block, left));
  }
  return blockRunEnd(turn, one, end, recordError);
}

async function endOf(turn: TurnContext, running: BlockProcess): Promise<Pick<Outcome, "outcome" | "exit">> {
  let hasExited = false;
  void running.exited.then(() => {
    hasExited = true;
  });
  const { stop } = turn;
  // Late success never overwrites a cancel: what counts is whether the shell was still there when the stop came.
  const stopped = stopOf(stop.signal).then(() => !hasExited);
  const first = await Promise.race([running.ended, stopped]);
  if (typeof first === "object") {
    return { outcome: first.exitCode === 0 ? "completed" : "failed", exit: first };
  }
  const treeEnd = await stop.treeEnd;
  // A process that cannot be killed (stuck in the kernel) does not hold up the answer.
  const exit = hasExited || treeEnd?.survivors.length === 0 ? await running.ended : undefined;
  if (first) {
    return { outcome: stop.outcome ?? "cancelled", exit };
  }
  return { outcome: exit?.exitCode === 0 ? "completed" : "failed", exit };
}

function stopOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
    } else {
      signal.addEventListener("abort", () => resolve(), { once: true });
    }
  });
}

function blockRunEnd(
  { host, run, stop }: TurnContext,
  { block }: BlockAttempt,
  { outcome, exit }: Pick<Outcome, "outcome" | "exit">,
  recordError: unknown,
): BlockRunEnd {
  if (stop.outcome !== undefined) {
    return { kind: "stopped" };
  }
  if (outcome === "completed" && recordError !== undefined) {
    const text = stateFailure(block, true, host.journalPath, recordError, run.blocks.length);
    return failed(block.index, "state_unwritable", text);
  }
  if (outcome === "completed" || exit === undefined) {
    return { kind: "completed" };
  }
  const reason = exit.signal === null ? "exit_code" : "signal";
  return failed(block.index, reason, exitFailure(block, exit, run.blocks.length), exit);
}

function failed(index: number, reason: FailureReason, text: string, exit?: BlockExit): BlockRunEnd {
  const failure = { index, exitCode: exit?.exitCode ?? null, signal: exit?.signal ?? null, reason };
  return { kind: "failed", failure, text };
}

/** Records and then shows how a block ended. Resolves with the error if it could not be recorded. */
async function conclude(turn: TurnContext, one: BlockAttempt, outcome: Outcome): Promise<unknown> {
  const record = endedRecord(one, outcome);
  const error = await turn.host.record(record).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await turn.host.show(endedCall(one, record));
  return error;
}

function endedRecord({ block, attempt }: BlockAttempt, { outcome, exit, output }: Outcome): BlockEnded {
  return {
    type: "block_ended",
    index: block.index,
    attempt,
    outcome,
    exitCode: exit?.exitCode ?? null,
    signal: exit?.signal ?? null,
    durationMs: exit?.durationMs ?? null,
    output,
  };
}
