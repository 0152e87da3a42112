/** A checkout that a power cut interrupts is made again from the start, wherever the cut was. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, afterEach, beforeAll, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(() => world.end());

it.each([
  ["half of one", (path: string) => join(dirname(path), `.${path.slice(path.lastIndexOf("/") + 1)}`)],
  ["a whole one that was not reported", (path: string) => path],
])("leaves %s behind, and the next one takes its place", async (_what, leftAt) => {
  world = await World.make(bundles);
  const taskId = world.newTask();
  const left = leftAt(world.workspace(taskId));
  mkdirSync(join(left, ".git"), { recursive: true });
  writeFileSync(join(left, "left.txt"), "");

  world.createWorkspace(taskId);
  const ready = await world.control.event(taskId, "workspace_ready");
  expect(ready.path).toBe(world.workspace(taskId));
  expect(readdirSync(ready.path)).not.toContain("left.txt");
  expect(existsSync(join(ready.path, ".git/HEAD"))).toBe(true);
  expect(readdirSync(dirname(ready.path))).toEqual([ready.path.slice(dirname(ready.path).length + 1)]);
});
