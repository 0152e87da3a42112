import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TaskId } from "@sam/domain/ids";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { SecretMask } from "../secret/secret-mask.ts";
import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { noGrant } from "../testing/control-stand-in.ts";
import { gitIn } from "../testing/repositories.ts";
import { World } from "../testing/world.ts";
import { PatchScan } from "./secret-scan.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());

const secret = "ghp_0123456789abcdef";

async function workingTask(change: (workspace: string) => void): Promise<TaskId> {
  const taskId = await world.readyTask();
  world.prompt(taskId, 1, { say: "ready" });
  await world.control.event(taskId, "turn_ended");
  change(world.workspace(taskId));
  return taskId;
}

function commit(workspace: string, message: string): void {
  gitIn(workspace, "add", "--all");
  gitIn(workspace, "commit", "--quiet", "--allow-empty", `--message=${message}`);
}

describe("a delivery", () => {
  afterEach(() => world.end());

  async function make(): Promise<void> {
    world = await World.make(bundles, { files: { "README.md": `spoken of before: ${secret}\n` } });
    world.control.grant = { ...noGrant, environment: { NPM_TOKEN: secret } };
  }

  async function failureAfter(change: (workspace: string) => void): Promise<string> {
    const taskId = await workingTask(change);
    world.deliver(taskId);
    const { reason, evidence } = await world.control.event(taskId, "command_failed");
    expect(reason).toBe("delivery_failed");
    expect(evidence).not.toContain(secret);
    expect(() => gitIn(world.repository, "rev-parse", "--verify", world.branchOf(taskId))).toThrow("fatal");
    expect(gitIn(world.mirror(), "rev-parse", "--verify", `refs/sam/wip/${taskId}`)).not.toBe("");
    return evidence;
  }

  it("of a secret is refused, wherever it stands in what would be pushed, and the work is saved", async () => {
    await make();
    expect(await failureAfter((workspace) => writeFileSync(join(workspace, ".npmrc"), `token=${secret}\n`))).toMatch(
      /^Nothing was pushed: \.npmrc holds the value of the secret NPM_TOKEN.*saved on the node/s,
    );
    const inHistory = await failureAfter((workspace) => {
      writeFileSync(join(workspace, "config.ts"), `export const key = "${secret}";\n`);
      commit(workspace, "The first");
      writeFileSync(join(workspace, "config.ts"), 'export const key = "";\n');
      commit(workspace, "The key is taken out");
    });
    expect(inHistory).toContain("config.ts holds the value of the secret NPM_TOKEN");
    expect(await failureAfter((workspace) => commit(workspace, `Use ${secret}`))).toContain("a commit's message holds");
    const packed = (workspace: string) => {
      writeFileSync(join(workspace, "packed.bin"), `\0${"x".repeat(900_000)}${Buffer.from(secret).toString("base64")}`);
    };
    expect(await failureAfter(packed)).toContain("packed.bin holds");
  });

  it("of a file that held the value before, or loses it, is none of ours to refuse", async () => {
    await make();
    const taskId = await workingTask((workspace) => appendFileSync(join(workspace, "README.md"), "more\n"));
    world.deliver(taskId);
    expect((await world.control.event(taskId, "delivered")).verdicts.pushed?.holds).toBe(true);
    const second = await workingTask((workspace) => writeFileSync(join(workspace, "README.md"), "clean\n"));
    world.deliver(second);
    expect((await world.control.event(second, "delivered")).verdicts.pushed?.holds).toBe(true);
  });

  it("asks for the secrets again where a restart has forgotten them, and is not done without", async () => {
    await make();
    const taskId = await workingTask((workspace) => writeFileSync(join(workspace, "a.txt"), secret));
    await world.vmAgent.kill();
    world.vmAgent.start();
    await world.control.event(taskId, "agent_gone");
    world.control.grant = "the secrets can't be opened";
    world.deliver(taskId);
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({
      ...{ reason: "delivery_failed", evidence: expect.stringContaining("can't be opened") },
    });
    world.control.grant = { ...noGrant, environment: { NPM_TOKEN: secret } };
    world.deliver(taskId);
    await world.control.event(taskId, "command_failed", ({ evidence }) => evidence.includes("NPM_TOKEN"));
  });
});

describe("the scan of a patch", () => {
  const mask = new SecretMask([{ name: "S", value: secret }]);

  function scan(text: string, size: number): string[] {
    const patch = new PatchScan(mask);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) patch.push(bytes.subarray(at, at + size));
    return patch.end().map(({ place, name }) => `${place}: ${name}`);
  }

  const patch = (lines: readonly string[]) =>
    ["commit 1", "", "    A message", "", "diff --git a/f b/f", "--- a/f", "+++ b/f", "@@ -1 +1 @@", ...lines, ""].join(
      "\n",
    );

  it("finds what is added, and neither what is taken away nor what stays, however the text is cut", () => {
    for (const size of [1, 7, 64, 4_096]) {
      expect(scan(patch([`+x ${secret}`]), size)).toEqual(["f: S"]);
      expect(scan(patch([`-x ${secret}`, ` ${secret}`, "+y"]), size)).toEqual([]);
      expect(scan(patch([`++++ b/other`, `+${secret}`]), size)).toEqual(["f: S"]);
      expect(scan(patch(["@@@ -1 -1 +1 @@@", ` +${secret}`]), size)).toEqual(["f: S"]);
    }
  });

  it("finds one in a line without end, and across the place where it was cut", () => {
    const line = `${"x".repeat(262_144 - 10)}${secret}${"y".repeat(500_000)}`;
    expect(scan(patch([`+${line}`]), 65_536)).toEqual(["f: S"]);
    for (const size of [65_536, 100_003]) expect(scan(patch([`-${line}`]), size)).toEqual([]);
    for (const before of [262_000, 262_130, 262_140, 262_150]) {
      const cut = `${"x".repeat(before)}${secret}${"y".repeat(300_000)}`;
      expect(scan(patch([`+${cut}`]), 10_007)).toEqual(["f: S"]);
      expect(scan(patch([`-${cut}`]), 10_007)).toEqual([]);
    }
  });
});
