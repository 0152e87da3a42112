import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import type { TaskId } from "@sam/domain/ids";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { gitIn } from "../testing/repositories.ts";
import { waitFor } from "../testing/wait-for.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(() => world.end());

function receipt(taskId: TaskId): Record<string, string> {
  return Object.fromEntries(world.control.eventsOf(taskId, "receipt").map(({ line, proof }) => [line, proof]));
}

const lines = ["signal_sent", "processes_gone", "workspace_saved", "workspace_removed"];

/** All but the agent's home, which waits for whoever continues the task. */
function expectNoTrace(taskId: TaskId): void {
  for (const folder of ["workspaces", "vaults"]) {
    const names = existsSync(join(world.disk, folder)) ? readdirSync(join(world.disk, folder)) : [];
    expect(names.filter((name) => name.includes(taskId.slice("task_".length)))).toEqual([]);
  }
  expect(existsSync(join(world.vmAgent.temporaryPath, taskId))).toBe(false);
}

describe("tear_down", () => {
  it("ends tools in sessions of their own, orphans, and processes that have emptied their environment", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(
      taskId,
      1,
      { stubborn: true },
      { background: "trap '' TERM INT HUP; sleep 301 & wait" },
      { background: "env -i setsid -f /bin/sh -c 'trap \"\" TERM; while :; do sleep 302; done'" },
      { background: "(env -i setsid sleep 303 &) ; exit 0" },
      { say: "up" },
      { hang: "deaf" },
    );
    await world.control.event(taskId, "agent_update");
    await waitFor("all of them", () => world.processes().length >= 6);
    world.tearDown(taskId);
    await world.control.event(taskId, "torn_down");
    expect(world.processes()).toEqual([]);
    expect(receipt(taskId)["signal_sent"]).toMatch(/^SIGTERM to \d+/);
    expect(receipt(taskId)["processes_gone"]).toMatch(/^looked at \d+ processes: none.*SIGKILL to/);
    expect(Object.keys(receipt(taskId))).toEqual(lines);
    expectNoTrace(taskId);
  });

  it("saves what is uncommitted, committed on any branch, and stashed; the task's branch is not touched", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(
      taskId,
      1,
      { sh: "echo a > a; git add a; git commit -qm on-branch" },
      { sh: "git checkout -qb side; echo b > b; git add b; git commit -qm on-side; git checkout -q -" },
      { sh: "echo stashed >> README.md; git stash -q" },
      { write: "uncommitted.txt" },
      { sh: "git rev-parse HEAD side stash" },
    );
    await world.control.event(taskId, "turn_ended");
    const ids = /([0-9a-f]{40})\\n([0-9a-f]{40})\\n([0-9a-f]{40})/.exec(
      JSON.stringify(world.control.eventsOf(taskId, "agent_update").at(-1)),
    );
    world.tearDown(taskId);
    const { savedRef } = await world.control.event(taskId, "torn_down");
    expect(savedRef).toBe(`refs/sam/wip/${taskId}`);
    const mirror = world.mirror();
    expect(gitIn(mirror, "ls-tree", "--name-only", savedRef ?? "").split("\n")).toEqual([
      "README.md",
      "a",
      "uncommitted.txt",
    ]);
    expect(ids).not.toBeNull();
    for (const id of ids?.slice(1) ?? []) expect(gitIn(mirror, "merge-base", id, savedRef ?? "")).toBe(id);
    expect(gitIn(mirror, "for-each-ref", "--format=%(refname)", "refs/heads")).toBe("refs/heads/main");
    expect(gitIn(mirror, "fsck", "--connectivity-only")).not.toContain("missing");
    expect(receipt(taskId)["workspace_saved"]).toContain(savedRef);
    expectNoTrace(taskId);
  });

  it("has nothing to save where all was pushed, or nothing was done, and proves it", async () => {
    world = await World.make(bundles);
    const [pushed, idle] = [await world.readyTask(), await world.readyTask()];
    world.prompt(pushed, 1, { write: "new.txt" });
    await world.control.event(pushed, "turn_ended");
    world.deliver(pushed);
    const { verdicts } = await world.control.event(pushed, "delivered");
    world.tearDown(pushed);
    world.tearDown(idle);
    expect(await world.control.event(pushed, "torn_down")).toMatchObject({ savedRef: null });
    expect(await world.control.event(idle, "torn_down")).toMatchObject({ savedRef: null });
    expect(receipt(pushed)["workspace_saved"]).toContain(
      `${verdicts.pushed?.commit ?? ""}, which was pushed as refs/heads/`,
    );
    expect(receipt(idle)["workspace_saved"]).toContain("nothing to save");
    expect(gitIn(world.mirror(), "for-each-ref", "--format=%(refname)", "refs/sam")).toBe("");
  });

  it("of a task that this node never heard of is proven line by line, and again when asked again", async () => {
    world = await World.make(bundles);
    const taskId = world.newTask();
    world.tearDown(taskId);
    expect(await world.control.event(taskId, "torn_down")).toMatchObject({ savedRef: null });
    expect(world.control.eventsOf(taskId, "receipt").map(({ line }) => line)).toEqual(lines);
    world.tearDown(taskId);
    await waitFor("the second", () => world.control.eventsOf(taskId, "torn_down").length === 2);
    expect(world.control.eventsOf(taskId, "receipt").map(({ line }) => line)).toEqual([...lines, ...lines]);
  });

  it("makes later commands of the task acknowledged and ignored", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    world.tearDown(taskId);
    await control.event(taskId, "torn_down");
    const { length } = control.events(taskId);
    const ids = [
      world.createWorkspace(taskId),
      world.startAgent(taskId, "well", 9),
      world.prompt(taskId, 5, { say: "x" }),
      world.deliver(taskId),
    ];
    await waitFor("their acknowledgements", () => ids.every((id) => control.commandAcks.includes(id)));
    await world.readyTask();
    expect(control.events(taskId)).toHaveLength(length);
    expectNoTrace(taskId);
  });

  it("does not wait for a checkout, a start or a turn that is under way", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const cloning = world.newTask();
    world.createWorkspace(cloning);
    world.tearDown(cloning);
    const starting = world.newTask();
    world.createWorkspace(starting);
    world.startAgent(starting, "hangs");
    await control.event(starting, "agent_phase", ({ phase }) => phase === "initializing");
    world.tearDown(starting);
    await Promise.all([cloning, starting].map((taskId) => control.event(taskId, "torn_down")));
    for (const taskId of [cloning, starting]) {
      expect(control.eventsOf(taskId, "command_failed")).toEqual([]);
      expect(control.eventsOf(taskId, "agent_gone")).toEqual([]);
      expectNoTrace(taskId);
    }
  });

  it("removes folders that were made read-only, and does not follow links out", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, {
      sh: `mkdir -p cache/deep; echo x > cache/deep/x; chmod -R a-w cache; ln -s ${world.repository} link`,
    });
    await world.control.event(taskId, "turn_ended");
    world.tearDown(taskId);
    await world.control.event(taskId, "torn_down");
    expectNoTrace(taskId);
    expect(gitIn(world.repository, "rev-parse", "main")).toMatch(/^[0-9a-f]{40}$/);
  });

  it("forgets the task once everything is acknowledged, but not that it was", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    world.tearDown(taskId);
    await control.event(taskId, "torn_down");
    await world.vmAgent.stop();
    world.vmAgent.start();
    await waitFor("a new connection", () => control.hellos.length === 2 && control.isConnected);
    const late = world.createWorkspace(taskId);
    await waitFor("its acknowledgement", () => control.commandAcks.includes(late));
    world.tearDown(taskId);
    await waitFor("the second", () => control.eventsOf(taskId, "torn_down").length === 2);
    expect(control.eventsOf(taskId, "workspace_accepted")).toHaveLength(1);
  });
});
