import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeId, type TaskId } from "@sam/domain/ids";
import { ulid } from "ulid";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";

import { waitFor } from "../testing/wait-for.ts";
import { endProcesses } from "./end-processes.ts";
import { readProcessTable, readProcFile } from "./process-table.ts";
import { findMarked, markedCommand, markNumber } from "./task-mark.ts";

const started: TaskId[] = [];

function start(script: string): TaskId {
  const taskId = makeId("task", ulid());
  started.push(taskId);
  const [shell = "", ...args] = markedCommand(taskId, ["/bin/sh", "-c", script]);
  spawn(shell, args, {
    stdio: "ignore",
    detached: true,
    env: { PATH: process.env["PATH"], SAM_TASK_ID: taskId },
  }).unref();
  return taskId;
}

function found(taskId: TaskId): number {
  return findMarked(readProcessTable(), [taskId]).length;
}

afterEach(async () => {
  await endProcesses(started.splice(0), { graceMs: 0, giveUpMs: 5_000 });
});

describe("the mark of a task", () => {
  it("is carried by a process without environment, session and parent of the task", async () => {
    const taskId = start("env -i setsid -f sleep 300; exit 0");
    const orphans = () => findMarked(readProcessTable(), [taskId]).filter((entry) => entry.parentPid !== process.pid);
    const environment = () => readProcFile(orphans()[0]?.pid ?? 0, "environ");
    await waitFor("the orphan alone", () => found(taskId) === 1 && orphans().length === 1 && environment() === "");
    expect(found(taskId)).toBe(1);
  });

  it("of one task is not that of another", async () => {
    const [one, two] = [start("exec sleep 300"), start("exec sleep 300")];
    await waitFor("both", () => found(one) === 1 && found(two) === 1);
    expect(markNumber(one)).not.toBe(markNumber(two));
    await endProcesses([one], { graceMs: 1_000, giveUpMs: 5_000 });
    expect([found(one), found(two)]).toEqual([0, 1]);
  });

  it("is not found where nothing carries it, and this process never counts", () => {
    expect(found(makeId("task", ulid()))).toBe(0);
  });
});

describe("ending processes", () => {
  it("signals first and kills what stays, and proves it by a last look", async () => {
    const taskId = start("trap '' TERM; while :; do sleep 0.05; done");
    // Once it sleeps it has said what it does not heed.
    await waitFor("it and its sleep", () => found(taskId) >= 2);
    const proof = await endProcesses([taskId], { graceMs: 200, giveUpMs: 5_000 });
    expect(proof.signalled.length).toBeGreaterThan(0);
    expect(proof.killed.length).toBeGreaterThan(0);
    expect(proof.lookedAt).toBeGreaterThan(1);
    expect(found(taskId)).toBe(0);
  });

  it("tells a child before its parent, so that the end of its input is no reason to linger", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sam-child-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const child = join(folder, "child.mjs");
    const listening = join(folder, "listening");
    writeFileSync(
      child,
      `let over = false;
      setInterval(() => {}, 1000);
      process.stdin.on("end", () => { over = true; }).resume();
      process.on("SIGTERM", () => setTimeout(() => { if (!over) process.exit(0); }, 100));
      (await import("node:fs")).writeFileSync(${JSON.stringify(listening)}, "");`,
    );
    const parent = `require("node:child_process").spawn(process.execPath, [process.argv[1]], { stdio: ["pipe", 0, 0] })`;
    const taskId = start(`exec '${process.execPath}' -e '${parent}' '${child}'`);
    await waitFor("the child, listening", () => existsSync(listening));
    expect((await endProcesses([taskId], { graceMs: 4_000, giveUpMs: 5_000 })).killed).toEqual([]);
  });

  it("keeps up with one that forks as fast as it can", async () => {
    const taskId = start("trap '' TERM; while :; do setsid sleep 0.2 & sleep 0.01; done");
    await waitFor("some", () => found(taskId) > 5);
    await endProcesses([taskId], { graceMs: 100, giveUpMs: 5_000 });
    expect(found(taskId)).toBe(0);
  });
});
