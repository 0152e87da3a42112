import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "./testing/bundles.ts";
import { gitIn } from "./testing/repositories.ts";
import { VmAgentProcess } from "./testing/vm-agent-process.ts";
import { World } from "./testing/world.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(() => world.end());

describe("a task from its first command to its last", () => {
  it("ends with a pushed branch, four-part evidence and a receipt, and leaves nothing", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    const ready = await control.event(taskId, "workspace_ready");
    expect(ready).toMatchObject({ baseBranch: "main", path: world.workspace(taskId) });
    expect(gitIn(ready.path, "branch", "--show-current")).toBe(world.branchOf(taskId));
    world.startAgent(taskId);
    expect(await control.event(taskId, "agent_ready")).toMatchObject({
      incarnation: 1,
      loaded: false,
      name: "test-agent",
      version: "1.2.3",
    });
    world.prompt(taskId, 1, { write: "new.txt", content: "one\ntwo\n" }, { say: "done" });
    expect(await control.event(taskId, "turn_ended")).toMatchObject({
      turn: 1,
      stopReason: "end_turn",
      reportedFailure: null,
    });
    expect(control.eventsOf(taskId, "agent_update")).toMatchObject([
      { turn: 1, update: { content: { text: "done" } } },
    ]);
    world.deliver(taskId, "test -f new.txt && echo checked");
    const { verdicts } = await control.event(taskId, "delivered");
    expect(verdicts).toMatchObject({
      produced: { holds: true, commits: 1, files: 1, insertions: 2, deletions: 0 },
      checked: { outcome: "passed", exitCode: 0, outputTail: "checked\n" },
      pushed: { holds: true, ref: `refs/heads/${world.branchOf(taskId)}` },
    });
    expect(gitIn(world.repository, "rev-parse", world.branchOf(taskId))).toBe(verdicts.pushed?.commit);
    expect(gitIn(world.repository, "show", `${world.branchOf(taskId)}:new.txt`)).toBe("one\ntwo");
    world.tearDown(taskId);
    expect(await control.event(taskId, "torn_down")).toEqual({ type: "torn_down", savedRef: null });
    expect(control.eventsOf(taskId, "receipt").map(({ line }) => line)).toEqual([
      "signal_sent",
      "processes_gone",
      "workspace_saved",
      "workspace_removed",
    ]);
    expect(control.events(taskId).map(({ seq }) => seq)).toEqual(control.events(taskId).map((_, index) => index + 1));
  });
});

describe("a start that can't be", () => {
  it("is refused where another VM agent works on the same disk, which goes on undisturbed", async () => {
    world = await World.make(bundles);
    await world.control.connected();
    const second = new VmAgentProcess({ bundles, disk: world.disk, controlUrl: world.control.url, token: world.token });
    second.start();
    expect(await second.exited).toBe(73);
    expect(second.log.map(({ fact }) => fact)).toContain("disk_taken");
    expect(world.control.hellos).toHaveLength(1);
  });

  it("names the variable that is amiss and never shows the token", async () => {
    world = await World.make(bundles);
    await world.control.connected();
    const env = { SAM_ISOLATION: '{"processes":"perhaps"}', SAM_NODE_DISK: join(world.folder, "other") };
    const wrong = new VmAgentProcess({
      bundles,
      disk: join(world.folder, "other"),
      controlUrl: "http://127.0.0.1:1",
      token: world.token,
      env,
    });
    wrong.start();
    expect(await wrong.exited).toBe(64);
    expect(wrong.log[0]?.["what"]).toMatch(/SAM_ISOLATION.*processes/s);
    wrong.writeUserData("short");
    wrong.start();
    expect(await wrong.exited).toBe(64);
    expect(JSON.stringify(wrong.log)).not.toContain(world.token);
  });
});

describe("SIGTERM", () => {
  it("ends agents and their tools, even such that ignore it, and exits with 0 within 5 s", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(
      taskId,
      1,
      { stubborn: true },
      { background: "trap '' TERM; env -i setsid sleep 300" },
      { say: "up" },
      { hang: "deaf" },
    );
    await world.control.event(taskId, "agent_update");
    expect(await world.vmAgent.stop()).toBe(0);
    const at = (fact: string) => Date.parse(String(world.vmAgent.log.find((line) => line.fact === fact)?.["at"]));
    expect(at("stopped") - at("stopping")).toBeLessThan(5_000);
    expect(world.processes()).toEqual([]);
    world.vmAgent.start();
    expect(await world.control.event(taskId, "agent_gone")).toMatchObject({
      incarnation: 1,
      exitCode: null,
      signal: "node_stopped",
    });
  });
});

describe("the log", () => {
  it("has one JSON object a line and no secret, no prompt", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { say: "a secret word: xyzzy" });
    await world.control.event(taskId, "turn_ended");
    await world.vmAgent.stop();
    const text = JSON.stringify(world.vmAgent.log);
    expect(text).not.toContain("xyzzy");
    expect(text).not.toContain(world.token);
    expect(world.vmAgent.log.every(({ fact }) => fact !== "not_a_fact")).toBe(true);
    expect(readFileSync(world.vmAgent.userDataPath, "utf8")).toContain(world.token);
  });
});
