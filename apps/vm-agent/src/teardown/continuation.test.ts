/** A task that continues another one: its workspace is made anew in the same place, its agent has the other one's home. */
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

import { workspaceIdOf, type TaskId } from "@sam/domain/ids";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { waitFor } from "../testing/wait-for.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(() => world.end());

/** A task that was delivered and torn down. @returns it, and the session of its agent. */
async function finishedTask(): Promise<{ taskId: TaskId; sessionId: string }> {
  const { control } = world;
  const taskId = await world.readyTask();
  const { sessionId } = await control.event(taskId, "agent_ready");
  world.prompt(taskId, 1, { write: "first.txt" }, { sh: 'echo remembered > "$HOME/.memory"' });
  await control.event(taskId, "turn_ended");
  world.deliver(taskId);
  await control.event(taskId, "delivered");
  world.tearDown(taskId);
  await control.event(taskId, "torn_down");
  return { taskId, sessionId };
}

/** @param from the branch that it begins at. @param taskId one that asks again. */
function continueTask(
  first: TaskId,
  from: string | null = world.branchOf(first),
  taskId: TaskId = world.newTask(),
  waitsFor?: TaskId,
): TaskId {
  world.control.command(taskId, {
    type: "create_workspace",
    workspaceId: workspaceIdOf(first),
    repository: { url: world.repository, branch: from },
    agentId: "well",
    branch: world.branchOf(first),
    waitsFor,
  });
  return taskId;
}

describe("a task that continues another", () => {
  it("finds its work at the same path, its agent the session and the home", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const { taskId: first, sessionId } = await finishedTask();
    expect(existsSync(world.workspace(first))).toBe(false);
    const second = continueTask(first);
    const ready = await control.event(second, "workspace_ready");
    expect(ready.path).toBe(world.workspace(first));
    expect(readFileSync(join(ready.path, "first.txt"), "utf8")).toBe("first.txt\n");
    world.startAgentIn(second, { homeOf: first, workspaceOf: first, loadSessionId: sessionId });
    expect(await control.event(second, "agent_ready")).toMatchObject({ loaded: true, sessionId });
    world.prompt(second, 1, { sh: 'cat "$HOME/.memory"; env' }, { write: "second.txt" });
    await control.event(second, "turn_ended");
    const said = JSON.stringify(control.eventsOf(second, "agent_update"));
    expect(said).toContain("remembered");
    expect(said).toContain(`SAM_TASK_ID=${second}`);
    control.command(second, {
      type: "deliver",
      branch: world.branchOf(first),
      commitMessage: "The second",
      checkCommand: 'test "$(cat "$HOME/.memory")" = remembered',
    });
    const { verdicts } = await control.event(second, "delivered");
    expect(verdicts).toMatchObject({
      produced: { commits: 1, files: 1 },
      checked: { outcome: "passed" },
      pushed: { holds: true },
    });
    control.command(second, { type: "tear_down", workspaceId: workspaceIdOf(first) });
    await control.event(second, "torn_down");
    expect(existsSync(join(world.disk, "homes", first))).toBe(true);
    expect(existsSync(join(world.disk, "homes", second))).toBe(false);
    expect(existsSync(ready.path)).toBe(false);
  });

  it("keeps its workspace where the one before is void, late, which only then is said", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const { taskId: first } = await finishedTask();
    const second = continueTask(first);
    const { path } = await control.event(second, "workspace_ready");
    world.startAgentIn(second, { homeOf: first, workspaceOf: first });
    await control.event(second, "agent_ready");
    world.prompt(second, 1, { write: "second.txt" });
    await control.event(second, "turn_ended");
    control.send({ type: "void_task", taskId: first });
    await world.vmAgent.fact("task_voided");
    expect(existsSync(join(path, "second.txt"))).toBe(true);
    world.deliver(second);
    expect((await control.event(second, "delivered")).verdicts.produced).toMatchObject({ holds: true });
  });

  it("waits where the work of the one before could not be saved, and takes nothing of it away", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const first = await world.readyTask();
    world.prompt(first, 1, { write: "unsaved.txt" });
    await control.event(first, "turn_ended");
    const mirror = world.mirror();
    renameSync(mirror, join(world.folder, "mirror-away"));
    world.tearDown(first);
    await control.event(first, "command_failed");

    const second = continueTask(first, null);
    expect(await control.event(second, "command_failed")).toMatchObject({ retryable: true, heldBy: first });
    control.command(second, { type: "tear_down", workspaceId: workspaceIdOf(first) });
    await control.event(second, "torn_down");
    expect(existsSync(join(world.workspace(first), "unsaved.txt"))).toBe(true);

    // Another one has asked by the time that it can be saved.
    const third = continueTask(first, null);
    await control.event(third, "command_failed");
    renameSync(join(world.folder, "mirror-away"), mirror);
    world.tearDown(first);
    const { savedWork } = await control.event(first, "torn_down");
    expect(savedWork).toMatchObject({ place: "remote", uncommittedFiles: 1 });
    expect(existsSync(world.workspace(first))).toBe(false);
    continueTask(first, null, third);
    const broughtBack = { taskId: first, commit: savedWork?.commit };
    const ready = await control.event(third, "workspace_ready");
    expect(ready).toMatchObject({ path: world.workspace(first), broughtBack });
    expect(existsSync(join(ready.path, "unsaved.txt"))).toBe(true);
  });

  it("has what was saved on its way here, where it was sent to wait for that", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const first = await world.readyTask();
    world.prompt(first, 1, { write: "unsaved.txt" });
    await control.event(first, "turn_ended");
    world.tearDown(first);
    const { savedWork } = await control.event(first, "torn_down");
    const ready = await control.event(continueTask(first, null, world.newTask(), first), "workspace_ready");
    expect(ready.broughtBack).toEqual({ taskId: first, commit: savedWork?.commit });
    expect(existsSync(join(ready.path, "unsaved.txt"))).toBe(true);
  });

  it("opens a new session and says so where the home is gone", async () => {
    world = await World.make(bundles);
    const { taskId: first, sessionId } = await finishedTask();
    world.control.send({ type: "void_task", taskId: first });
    await waitFor("the home is gone", () => !existsSync(join(world.disk, "homes", first)));
    const second = continueTask(first);
    world.startAgentIn(second, { homeOf: first, workspaceOf: first, loadSessionId: sessionId });
    expect(await world.control.event(second, "agent_ready")).toMatchObject({ loaded: false, canLoadSession: true });
  });
});

describe("the receipt", () => {
  it("says that the sessions are kept, and that the workspace is not", async () => {
    world = await World.make(bundles);
    const { taskId } = await finishedTask();
    const [removed] = world.control.eventsOf(taskId, "receipt").filter(({ line }) => line === "workspace_removed");
    expect(removed?.proof).toBe(
      `${world.workspace(taskId)} does not exist; the agent's sessions are kept on this node`,
    );
    expect(existsSync(join(world.disk, "homes", taskId))).toBe(true);
  });

  it("says nothing of sessions where there never was an agent, and keeps nothing", async () => {
    world = await World.make(bundles);
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    await world.control.event(taskId, "workspace_ready");
    world.tearDown(taskId);
    await world.control.event(taskId, "torn_down");
    const [removed] = world.control.eventsOf(taskId, "receipt").filter(({ line }) => line === "workspace_removed");
    expect(removed?.proof).toBe(`${world.workspace(taskId)} does not exist`);
    await waitFor("the home is gone", () => !existsSync(join(world.disk, "homes", taskId)));
  });
});
