import { spawn, type ChildProcess } from "node:child_process";

import { describe, expect, it, onTestFinished } from "vitest";

import { endTree, processesOf, TAG_VARIABLE } from "./process-tree.ts";
import { pidsWithArgument, uniqueSeconds, until } from "./testing/runbook-client.ts";

describe("a process tree", () => {
  it("that does not listen to SIGTERM is ended by SIGKILL after the grace", async () => {
    const seconds = uniqueSeconds();
    start("tree-a/1", `trap '' TERM; sleep ${seconds} & while :; do sleep 0.05; done`);
    await until("the sleep", () => pidsWithArgument(seconds).length === 1);
    const startedMs = performance.now();
    const end = await endTree({ tagPrefix: "tree-a/" }, 300, 3_000);
    expect(performance.now() - startedMs).toBeGreaterThan(300);
    expect(end.survivors).toEqual([]);
    expect(end.ended.map((one) => one.command)).toEqual(expect.arrayContaining(["sh", "sleep"]));
    expect(pidsWithArgument(seconds)).toEqual([]);
  });

  it("that goes on starting processes is ended all the same", async () => {
    const seconds = uniqueSeconds();
    start("tree-b/1", `trap '' TERM; while :; do setsid sleep ${seconds} & sleep 0.02; done`);
    await until("some of them", () => pidsWithArgument(seconds).length > 3);
    const end = await endTree({ tagPrefix: "tree-b/" }, 200, 3_000);
    expect(end.survivors).toEqual([]);
    expect(pidsWithArgument(seconds)).toEqual([]);
  });

  it("is told from a neighbour whose tag starts alike, and may carry several tags", async () => {
    const seconds = uniqueSeconds();
    start("tree-c/1", `exec sleep ${seconds}`);
    start("tree-cc/1", `exec sleep ${seconds}`);
    const both = start("outer/1,tree-c/2", `exec sleep ${seconds}`);
    await until("all three", () => pidsWithArgument(seconds).length === 3);
    expect(processesOf({ tagPrefix: "tree-c/" })).toHaveLength(2);
    expect(processesOf({ tagPrefix: "outer/" }).map((one) => one.pid)).toEqual([both.pid]);
    await endTree({ tagPrefix: "tree-c/" }, 1_000, 3_000);
    expect(pidsWithArgument(seconds)).toHaveLength(1);
    await endTree({ tagPrefix: "tree-cc/" }, 1_000, 3_000);
  });

  it("holds what was known of it, and nothing that took over its pid", async () => {
    const seconds = uniqueSeconds();
    const stranger = start("tree-d/1", `exec sleep ${seconds}`);
    await until("the sleep", () => pidsWithArgument(seconds).length === 1);
    const [seen] = processesOf({ tagPrefix: "tree-d/" });
    expect(seen).toMatchObject({ pid: stranger.pid, command: "sleep" });
    const known = seen === undefined ? [] : [seen];
    expect(processesOf({ tagPrefix: "none/", known })).toEqual(known);
    expect(processesOf({ tagPrefix: "none/", known: known.map((one) => ({ ...one, startTicks: "1" })) })).toEqual([]);
    await endTree({ tagPrefix: "none/", known }, 1_000, 3_000);
    expect(pidsWithArgument(seconds)).toEqual([]);
  });

  it("without processes has ended at once", async () => {
    expect(await endTree({ tagPrefix: "nobody/" }, 1_000, 3_000)).toEqual({ ended: [], survivors: [] });
  });
});

function start(tag: string, script: string): ChildProcess {
  const child = spawn("/bin/sh", ["-c", script], {
    stdio: "ignore",
    detached: true,
    env: { ...process.env, [TAG_VARIABLE]: tag },
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return child;
}
