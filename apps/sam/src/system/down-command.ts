/** `sam down`: stops the system in order, waits for it, and proves that nothing of it remains. */
import { setTimeout as sleep } from "node:timers/promises";

import type { CommandContext } from "../command-context.ts";
import type { DataDirectory } from "../data-directory/data-directory.ts";
import { errorCode, readFileIfThere } from "../data-directory/files.ts";
import { isLocked } from "../data-directory/lock.ts";
import { isAlive, readRunRecord, type RunRecord } from "../data-directory/run-record.ts";
import { CommandError, type ExitCode, exitCodes } from "../exit-code.ts";
import { isFree } from "../launcher/port.ts";
import { printJson } from "../terminal/json-output.ts";
import { duration } from "../terminal/times.ts";
import { leftoverProcesses } from "./leftover-processes.ts";

const stopTimeoutMs = 60_000;
const lookIntervalMs = 30;

/** One thing that must be gone, and what showed that it is. */
interface Proof {
  readonly line: string;
  readonly gone: boolean;
  readonly proof: string;
}

export async function downCommand(context: CommandContext): Promise<ExitCode> {
  const { directory, terminal } = context;
  const startedAt = Date.now();
  const record = await findSystem(directory, startedAt + stopTimeoutMs);
  if (record === null) {
    if (context.json) printJson({ type: "not_running", directory: directory.path });
    else terminal.line(`SAM is not running for ${directory.path}; there is nothing to stop.`);
    return exitCodes.completed;
  }
  const workerdPid = Number(readFileIfThere(directory.workerdPid)?.trim());
  signal(record);
  await waitUntilGone(directory, record, startedAt + stopTimeoutMs);
  const proofs = await proveGone(directory, record, workerdPid);
  const tookMs = Date.now() - startedAt;
  if (context.json) printJson({ type: "stopped", tookMs, proofs });
  else {
    for (const { line, gone, proof } of proofs) {
      terminal.line(`${gone ? "✓" : terminal.paint("red", "✗")} ${line.padEnd(14)} ${proof}`);
    }
  }
  if (!proofs.every(({ gone }) => gone)) {
    throw new CommandError(`SAM stopped, but what is marked with ✗ is still there. End it by hand.`);
  }
  if (!context.json) terminal.line(`Stopped after ${duration(tookMs)}. Tasks are kept and go on at the next start.`);
  return exitCodes.completed;
}

/** A system that is still starting is waited for; one that is stopping is gone in a moment. */
async function findSystem(directory: DataDirectory, deadlineAt: number): Promise<RunRecord | null> {
  for (;;) {
    const record = readRunRecord(directory);
    if (record !== null) return record;
    if (!isHeld(directory)) return null;
    if (Date.now() > deadlineAt) {
      const pid = readFileIfThere(directory.holder)?.trim() ?? "unknown";
      throw new CommandError(
        `Process ${pid} has held ${directory.path} for a minute without being ready. End it with: kill -9 ${pid}`,
      );
    }
    await sleep(lookIntervalMs);
  }
}

/** Whether a system holds the directory, ready or not yet. */
function isHeld(directory: DataDirectory): boolean {
  return readFileIfThere(directory.holder) !== null && isLocked(directory.lock);
}

function signal({ pid }: RunRecord): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch (error) {
    if (errorCode(error) === "ESRCH") return;
    throw new CommandError(`SAM (process ${pid}) belongs to another user, who can stop it.`, undefined, {
      cause: error,
    });
  }
}

async function waitUntilGone(directory: DataDirectory, { pid }: RunRecord, deadlineAt: number): Promise<void> {
  while (isAlive(pid) || isHeld(directory)) {
    if (Date.now() > deadlineAt) {
      throw new CommandError(
        `SAM (process ${pid}) did not stop within ${duration(stopTimeoutMs)}. End it with: kill -9 ${pid}. Nothing is lost by that.`,
      );
    }
    await sleep(lookIntervalMs);
  }
}

async function proveGone(directory: DataDirectory, record: RunRecord, workerdPid: number): Promise<readonly Proof[]> {
  const free = await isFree(record.port);
  const workerdGone = !(workerdPid > 0) || !isAlive(workerdPid);
  const leftovers = leftoverProcesses(directory);
  return [
    { line: "launcher", gone: !isAlive(record.pid), proof: `process ${record.pid} is gone` },
    {
      line: "control plane",
      gone: workerdGone,
      proof: `process ${workerdPid} is ${workerdGone ? "gone" : "still there"}`,
    },
    {
      line: "nodes",
      gone: leftovers.length === 0,
      proof: leftovers.length === 0 ? "no process uses the data directory" : `still there: ${leftovers.join(", ")}`,
    },
    { line: "port", gone: free, proof: `${record.port} is ${free ? "free" : "in use"}` },
  ];
}
