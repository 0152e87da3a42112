import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

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

const fill =
  "dd if=/dev/zero of=$HOME/fill bs=4k 2>/dev/null; dd if=/dev/zero of=$HOME/fill2 bs=1 2>/dev/null; df --output=avail . | tail -1 | tr -d ' '";

describe("a full disk", () => {
  it("under the workspaces fails the checkout as disk_full, and nothing else", async () => {
    const big = Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`big-${index}.txt`, `${index}`.repeat(1_000_000)]),
    );
    world = await World.make(bundles, { files: big, smallDisk: { folder: "workspaces", mebibytes: 6 } });
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    const failed = await world.control.event(taskId, "command_failed");
    expect(failed).toMatchObject({ command: "create_workspace", reason: "disk_full", retryable: false });
    world.tearDown(taskId);
    await world.control.event(taskId, "torn_down");
    expect(world.vmAgent.log.some(({ fact }) => fact === "state_unwritable")).toBe(false);
  });

  it("under the mirrors fails the fetch as disk_full", async () => {
    const noise = gitNoise(8_000_000);
    world = await World.make(bundles, {
      files: { "noise.txt": noise },
      smallDisk: { folder: "mirrors", mebibytes: 4 },
    });
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({ reason: "disk_full" });
  });

  it("under the workspace alone loses no work: it is committed beside it and pushed", async () => {
    world = await World.make(bundles, { smallDisk: { folder: "workspaces", mebibytes: 4 } });
    const taskId = await world.readyTask();
    world.prompt(
      taskId,
      1,
      { write: "new.txt" },
      { sh: "echo fill > .gitignore; dd if=/dev/zero of=fill bs=4k 2>/dev/null" },
    );
    await world.control.event(taskId, "turn_ended");
    world.deliver(taskId);
    const { verdicts } = await world.control.event(taskId, "delivered");
    expect(verdicts).toMatchObject({ produced: { holds: true }, pushed: { holds: true } });
    expect(gitIn(world.repository, "show", `${world.branchOf(taskId)}:new.txt`)).toBe("new.txt");
  });

  it("under everything stops neither the events nor the daemon: each event comes once and in order", async () => {
    world = await World.make(bundles, { smallDisk: { folder: "", mebibytes: 24 } });
    const { control } = world;
    const taskId = await world.readyTask();
    control.acknowledgesEvents = false;
    world.prompt(
      taskId,
      1,
      { sh: fill },
      { say: "while the disk is full", times: 3_000 },
      { sh: "rm $HOME/fill $HOME/fill2" },
      { say: "and after" },
    );
    await control.event(taskId, "turn_ended", () => true, 30_000);
    const texts = control.eventsOf(taskId, "agent_update").map(({ update }) => JSON.stringify(update["content"]));
    expect(texts).toHaveLength(3_003);
    expect(texts[0]).toContain('"0\\n');
    expect(texts[3_000]).toContain("while the disk is full 2999");
    await world.vmAgent.stop();
    expect(world.vmAgent.log.filter(({ fact }) => fact === "no_disk_reserve" || fact === "state_unwritable")).toEqual(
      [],
    );
  });

  it("longer than the reserve lasts: what finds no room waits, and comes once there is room again", async () => {
    world = await World.make(bundles, { smallDisk: { folder: "", mebibytes: 24 } });
    const { control } = world;
    const taskId = await world.readyTask();
    control.acknowledgesEvents = false;
    const bulk = Array.from({ length: 90 }, () => ({ sayLength: 150_000, ending: "." }));
    world.prompt(taskId, 1, { sh: fill }, ...bulk, { say: "the last", times: 50 }, { hang: "listening" });
    await world.vmAgent.fact("state_unwritable");
    const waiting = control.command(taskId, { type: "cancel_turn", turn: 1 });
    for (const name of ["fill", "fill2"]) rmSync(world.vmAgent.seen(join(world.disk, "homes", taskId, name)));
    await control.event(taskId, "turn_ended", ({ stopReason }) => stopReason === "cancelled", 30_000);
    const updates = control.eventsOf(taskId, "agent_update");
    expect(updates).toHaveLength(141);
    expect(JSON.stringify(updates.at(-1)?.update["content"])).toContain("the last 49");
    await waitFor("the acknowledgement", () => control.commandAcks.includes(waiting));
  });

  it("refuses a delivery and a tear-down as disk_full, keeps the workspace, and lets both be done once there is room", async () => {
    world = await World.make(bundles, { smallDisk: { folder: "", mebibytes: 24 } });
    const { control } = world;
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { write: "new.txt", content: "x".repeat(50_000) }, { sh: fill });
    await control.event(taskId, "turn_ended");
    world.deliver(taskId);
    expect(await control.event(taskId, "command_failed")).toMatchObject({ command: "deliver", reason: "disk_full" });
    world.tearDown(taskId);
    const refused = await control.event(taskId, "command_failed", ({ command }) => command === "tear_down");
    expect(refused).toMatchObject({ reason: "disk_full", retryable: true });
    const kept = world.vmAgent.seen(join(world.workspace(taskId), "new.txt"));
    expect(readFileSync(kept, "utf8")).toHaveLength(50_000);
    for (const name of ["fill", "fill2"]) rmSync(world.vmAgent.seen(join(world.disk, "homes", taskId, name)));
    world.tearDown(taskId);
    expect((await control.event(taskId, "torn_down")).savedRef).toBe(`refs/sam/wip/${taskId}`);
    expect(existsSync(kept)).toBe(false);
  });
});

/** Text that does not compress. */
function gitNoise(length: number): string {
  let seed = 1;
  const parts: string[] = [];
  for (let count = 0; count < length; count += 8) {
    seed = (seed * 48_271) % 2_147_483_647;
    parts.push(seed.toString(36).padStart(8, "0").slice(-8));
  }
  return parts.join("");
}
