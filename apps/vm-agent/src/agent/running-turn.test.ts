import { spawn, type ChildProcess } from "node:child_process";

import { makeId, type TaskId } from "@sam/domain/ids";
import { ulid } from "ulid";
import { afterEach, describe, expect, it } from "vitest";

import { endProcesses } from "../process/end-processes.ts";
import { readProcess, readProcessTable, ticksNow } from "../process/process-table.ts";
import { findMarked, markedCommand } from "../process/task-mark.ts";
import { waitFor } from "../testing/wait-for.ts";
import { RunningTurn } from "./running-turn.ts";

const taskId: TaskId = makeId("task", ulid());

afterEach(() => endProcesses([taskId], { graceMs: 0, giveUpMs: 5_000 }));

/** A program of the task that reads commands for a shell, in a session of its own. */
function startAgent(): ChildProcess {
  const [program = "", ...args] = markedCommand(taskId, ["/bin/sh"]);
  return spawn(program, args, { detached: true, stdio: ["pipe", "ignore", "ignore"] });
}

function running(): number[] {
  return findMarked(readProcessTable(), [taskId]).map(({ pid }) => pid);
}

async function started(count: number): Promise<number[]> {
  await waitFor(`${count} processes`, () => running().length === count);
  return running();
}

describe("the tools of a turn that was cancelled", () => {
  it("are ended where they run on in sessions of their own; the agent and what was there before are not", async () => {
    const agent = startAgent();
    agent.stdin?.write("setsid sleep 301 &\n");
    const before = await started(2);
    // Starts are told in hundredths of a second.
    const last = Math.max(...before.map((pid) => Number(readProcess(pid)?.startTicks ?? 0)));
    await waitFor("the next tick", () => ticksNow() > last);
    const turn = new RunningTurn(1, "command-1");
    agent.stdin?.write("setsid sleep 302 & setsid sh -c 'trap \"\" TERM; while :; do sleep 303; done' & sleep 304 &\n");
    const all = await started(6);
    await turn.endTools(taskId, agent.pid ?? 0);
    const left = running();
    expect(left).toEqual(expect.arrayContaining(before));
    expect(left).toHaveLength(3);
    expect(all).toEqual(expect.arrayContaining(left));
  });
});
