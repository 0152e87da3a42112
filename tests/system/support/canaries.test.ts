/** A witness that can't see is worse than none: each of those that the system tests trust must see what is wrong. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { AgentWatch } from "./agent-watch.ts";
import { Belongings } from "./belongings.ts";
import { Repository } from "./repository.ts";
import { fillDataDirectory, overwriteRow, rowChanges } from "./template.ts";
import { until } from "./until.ts";
import { beAlone } from "./witness.ts";

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "sam-canary-")));
  children = [];
});

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function start(command: string, args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  const child = spawn(command, args, { stdio: "ignore", env: { PATH: process.env["PATH"] }, ...options });
  children.push(child);
  return child;
}

it("sees a process by its directory, its environment, its arguments, a file that it holds, or its parent", async () => {
  const belongings = new Belongings(folder);
  writeFileSync(join(folder, "held"), "");
  const strays = [
    start("sleep", ["60"], { cwd: folder }),
    start("sleep", ["60"], { env: { ANY: `${folder}/x` } }),
    start("sh", ["-c", "sleep 60 & wait", folder]),
    start("sh", ["-c", `exec 5<'${folder}/held'; cd /; exec env -i /bin/sleep 60`]),
  ];
  const expected = strays.map(({ pid }) => pid);
  const isSeen = () => {
    const seen = belongings.remains().map(({ pid }) => pid);
    return expected.every((pid) => pid !== undefined && seen.includes(pid)) && seen.length === expected.length + 1;
  };
  await until("all four and the child of the third are seen", isSeen);
});

it("sees two agents of one task at once", async () => {
  const program = join(folder, "runbook.mjs");
  writeFileSync(program, "setTimeout(() => {}, 60_000);");
  const belongings = new Belongings(folder);
  const watch = new AgentWatch({ belongings }, "task_of_two");
  const env = { SAM_TASK_ID: "task_of_two" };
  start(process.execPath, [program], { env });
  await until("one is seen", () => watch.mostAtOnce === 1);
  expect(watch.sights).toEqual([]);
  start(process.execPath, [program], { env });
  await until("both are seen", () => watch.sights.length > 0);
  watch.stop();
});

it("sees a block that is not alone", async () => {
  const home = join(folder, "homes/task");
  mkdirSync(home, { recursive: true });
  const script = `${beAlone("task")}\necho "up" >>"$HOME/../../witness/task.log"\nsleep 60`;
  const env = { HOME: home, PATH: process.env["PATH"] ?? "" };
  const read = () => readFileSync(join(folder, "witness/task.log"), "utf8");
  start("sh", ["-c", script], { env });
  await until("the first is up", () => read() === "up\n");
  start("sh", ["-c", script], { env });
  await until("the second is up, too", () => read().split("\n").length > 3);
  expect(read()).toBe("up\nnot alone\nup\n");
});

it("sees a row that is written again with what it holds already", async () => {
  const data = join(folder, "data");
  await fillDataDirectory(data);
  overwriteRow(data, "task_x");
  expect(rowChanges(data, "task_x").length).toBe(1);
  overwriteRow(data, "task_x");
  expect(rowChanges(data, "task_x").length).toBe(2);
});

it("sees a branch that is pushed twice", async () => {
  const repository = await Repository.create(join(folder, "project.git"));
  await repository.move("sam/x", "main");
  expect(repository.pushes("sam/x")).toBe(1);
  await repository.move("sam/x", await repository.commitOn("main"));
  expect(repository.pushes("sam/x")).toBe(2);
});
