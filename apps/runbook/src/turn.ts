/**
 * A turn is one prompt being carried out: it starts a run or goes on with the last one, and ends when every block of the
 * run has completed, when one has failed, or when it is stopped.
 */

import type { PromptResponse } from "@agentclientprotocol/sdk";

import { runBlock, type BlockRunEnd } from "./block-run.ts";
import { processesOf } from "./process-tree.ts";
import type { Runbook, Segment } from "./runbook.ts";
import type { Run } from "./session-state.ts";
import { planOf } from "./session-update.ts";
import type { TurnContext, TurnHost, TurnStop } from "./turn-host.ts";
import { promptResponse, type Failure } from "./turn-result.ts";
import * as wording from "./wording.ts";

/** Starts the run that `runbook` describes, or says why there is nothing to run. */
export async function startRun(
  host: TurnHost,
  stop: TurnStop,
  prompt: string,
  runbook: Runbook,
): Promise<PromptResponse> {
  const { flaw, blocks, segments } = runbook;
  if (flaw !== undefined) {
    await recordPrompt(host, prompt);
    await host.say(wording.refusal(flaw));
    const failure: Failure = { index: flaw.index, exitCode: null, signal: null, reason: flaw.reason };
    return promptResponse({ blocks: Math.max(blocks.length, flaw.index + 1), completed: 0, failed: failure });
  }
  if (blocks.length === 0) {
    await recordPrompt(host, prompt);
    await noteLookalikes(host, runbook);
    await host.say(wording.NO_BLOCKS);
    return promptResponse({ blocks: 0, completed: 0 });
  }
  try {
    await host.record({ type: "run_started", prompt, segments: [...segments], atMs: Date.now() });
  } catch (error) {
    await host.say(wording.runUnrecorded(host.journalPath, error));
    const failure: Failure = { index: 0, exitCode: null, signal: null, reason: "state_unwritable" };
    return promptResponse({ blocks: blocks.length, completed: 0, failed: failure });
  }
  await noteLookalikes(host, runbook);
  const { run } = host.state;
  if (run === undefined) {
    throw new Error("A recorded run is the session's run.");
  }
  return carryOut({ host, run, stop }, segments);
}

/** What is lost if this cannot be written is the prompt in a replay; what is run is recorded on its own. */
async function recordPrompt(host: TurnHost, prompt: string): Promise<void> {
  await host.record({ type: "prompted", prompt, atMs: Date.now() }).catch(() => undefined);
}

async function noteLookalikes(host: TurnHost, { lookalikes }: Runbook): Promise<void> {
  if (lookalikes.length > 0) {
    await host.say(wording.lookalikeNote(lookalikes));
  }
}

/** Goes on with the last run of the session, from its first block that has not completed. */
export async function resumeRun(host: TurnHost, stop: TurnStop, prompt: string): Promise<PromptResponse> {
  const { run } = host.state;
  const next = run?.blocks[run.completed];
  const { cutOff } = run ?? {};
  await recordPrompt(host, prompt);
  if (run === undefined) {
    await host.say(wording.NOTHING_TO_CONTINUE);
    return promptResponse({ blocks: 0, completed: 0 });
  }
  const blocks = run.blocks.length;
  if (next === undefined) {
    await host.say(wording.alreadyRun(blocks));
    return promptResponse({ blocks, completed: run.completed });
  }
  const wasTried = run.attempts.has(next.index);
  const isAgain = wasTried && cutOff === undefined;
  await host.say(isAgain ? wording.tryAgain(run) : wording.resumption(run, cutOff?.startedAtMs, host.endedAtOpening));
  return carryOut({ host, run, stop }, segmentsFrom(run, next.index, wasTried));
}

/** The part of a run that is still to do; the prose in front of a block that was tried has been said. */
function segmentsFrom(run: Run, index: number, wasTried: boolean): readonly Segment[] {
  const at = run.segments.findIndex((segment) => segment.kind === "block" && segment.index === index);
  const before = run.segments[at - 1];
  return run.segments.slice(!wasTried && before?.kind === "prose" ? at - 1 : at);
}

async function carryOut(turn: TurnContext, segments: readonly Segment[]): Promise<PromptResponse> {
  const { host, run, stop } = turn;
  const startedMs = performance.now();
  const completedBefore = run.completed;
  await host.show(planOf(run, undefined));
  let end: BlockRunEnd = { kind: "completed" };
  let current: (Segment & { kind: "block" }) | undefined;
  for (const segment of segments) {
    if (end.kind !== "completed" || stop.outcome !== undefined) {
      break;
    }
    if (segment.kind === "prose") {
      await host.say(wording.shortProse(segment.text));
      continue;
    }
    current = segment;
    const attempt = (run.attempts.get(segment.index) ?? 0) + 1;
    end = await runBlock(turn, { runNumber: run.number, block: segment, attempt });
  }
  const elapsedMs = performance.now() - startedMs;
  await host.show(planOf(run, undefined, lastOutcome(turn, end)));
  if (stop.treeEnd !== undefined) {
    const treeEnd = await stop.treeEnd;
    const block = current !== undefined && current.index >= run.completed ? current : undefined;
    await host.say(wording.stopped(stop.outcome, block, run.blocks.length, elapsedMs, treeEnd));
  } else if (end.kind === "failed") {
    await host.say(end.text);
  } else {
    await host.say(wording.success(run.blocks.length, run.completed - completedBefore, elapsedMs));
  }
  const result = {
    blocks: run.blocks.length,
    completed: run.completed,
    ...(end.kind === "failed" ? { failed: end.failure } : {}),
  };
  return promptResponse(result, processesOf(host.tree));
}

function lastOutcome(
  { run, stop }: TurnContext,
  end: BlockRunEnd,
): { index: number; outcome: "failed" | "cancelled" | "interrupted" } | undefined {
  if (end.kind === "failed") {
    return { index: end.failure.index, outcome: "failed" };
  }
  return stop.outcome === undefined ? undefined : { index: run.completed, outcome: stop.outcome };
}
