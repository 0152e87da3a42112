/** A workspace is ready when its agent is installed, too; where one of the two fails, the other is not gone on with. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { TaskId } from "@sam/domain/ids";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { waitFor } from "../testing/wait-for.ts";
import { World } from "../testing/world.ts";
import { InstallBed } from "./testing/install-bed.ts";
import { type Asking, InstallSocketStandIn } from "./testing/install-socket-stand-in.ts";

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let bundles: Bundles;
let bed: InstallBed;
let world: World;
beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
beforeEach(async () => {
  bed = await InstallBed.make();
});
afterEach(async () => {
  await world.end();
  await bed.end();
});

function createWorkspace(url?: string): TaskId {
  const taskId = world.newTask();
  world.createWorkspace(taskId, { agentId: "codex", ...(url === undefined ? {} : { url }) });
  return taskId;
}

const phases = (taskId: TaskId) => world.control.eventsOf(taskId, "workspace_progress");

describe("through a machine host", () => {
  let host: InstallSocketStandIn;
  beforeEach(async () => {
    const socket = join(bed.folder, "install.sock");
    host = await InstallSocketStandIn.start(socket);
    world = await World.make(bundles, { env: { SAM_INSTALL_SOCKET: socket, SAM_AGENT_CACHE: bed.cache } });
  });
  afterEach(() => host.stop());

  async function asked(): Promise<Asking> {
    return await waitFor("the VM agent asks", () => host.askings[0]);
  }

  it("tells how many bytes are there, and is ready last", async () => {
    const taskId = createWorkspace();
    const asking = await asked();
    asking.answer({ type: "progress", bytes: 123_456 });
    await world.control.event(
      taskId,
      "workspace_progress",
      ({ phase, bytes }) => phase === "agent_install" && bytes === 123_456,
    );
    await waitFor("the checkout", () => existsSync(world.workspace(taskId)));
    expect(phases(taskId).some(({ phase }) => phase === "ready")).toBe(false);
    const start = world.repository;
    asking.answer({
      type: "installed",
      agentId: "codex",
      version: "2.6.0",
      folder: bed.folder,
      start,
      runtime: "node",
    });
    await world.control.event(taskId, "workspace_ready");
  });

  it("fails as the installation does", async () => {
    const taskId = createWorkspace();
    const message = "There is no npm on the PATH. Install it.";
    (await asked()).answer({ type: "failed", code: "npm_missing", message, retryable: false });
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({
      ...{ command: "create_workspace", reason: "agent_install_failed", evidence: message, retryable: false },
    });
  });

  it("may be tried again where the machine host went away", async () => {
    const taskId = createWorkspace();
    (await asked()).hangUp();
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({
      ...{ reason: "agent_install_failed", retryable: true },
    });
  });

  it("lets go of the installation where the checkout fails, and where the task ends", async () => {
    const failing = createWorkspace(join(bed.folder, "no-repository"));
    expect(await world.control.event(failing, "command_failed")).toMatchObject({ reason: "repository_not_found" });
    const [first] = host.askings;
    await waitFor("the first is let go of", () => first?.isGone ?? true);
    const ending = createWorkspace();
    const second = await waitFor("the second", () => host.askings.find((asking) => !asking.isGone));
    world.tearDown(ending);
    await world.control.event(ending, "torn_down");
    await waitFor("the second is let go of", () => second.isGone);
  });

  it("asks for nothing where the agent is not of the catalog", async () => {
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    await world.control.event(taskId, "workspace_ready");
    expect(host.askings).toEqual([]);
  });
});

describe("without a machine host", () => {
  it("is done by the VM agent, into its own disk", async () => {
    const demo = bed.registry.add("demo", { "start.js": "" });
    bed.writeRecipe([demo], { agentId: "codex", version: "2.6.0" });
    const env = { SAM_AGENT_RECIPES: bed.recipes, npm_config_registry: bed.registry.url };
    world = await World.make(bundles, { env });
    const taskId = createWorkspace();
    await world.control.event(taskId, "workspace_ready", undefined, 30_000);
    expect(existsSync(join(world.disk, "agents/codex@2.6.0/node_modules/demo/start.js"))).toBe(true);
  });
});
