import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { WorkDiff } from "@sam/domain/diff";
import type { TaskId } from "@sam/domain/ids";
import { maxFrameBytes } from "@sam/protocol/version";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { noGrant } from "../testing/control-stand-in.ts";
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

const text = "1\n2\n3\n4\n5\n6\n7\n8\n";

/** @returns the diff after a turn in which `change` was done to the workspace. */
async function diffAfter(change: (workspace: string) => void): Promise<WorkDiff> {
  const taskId = await world.readyTask();
  change(world.workspace(taskId));
  world.prompt(taskId, 1, { say: "done" });
  return (await world.control.event(taskId, "diff")).diff;
}

function diffs(taskId: TaskId): WorkDiff[] {
  return world.control.eventsOf(taskId, "diff").map(({ diff }) => diff);
}

describe("the diff of a turn", () => {
  it("has what is committed, uncommitted and new, against the commit that the task began from", async () => {
    world = await World.make(bundles, { files: { "a.txt": text, "gone.txt": text, "old/name.txt": text } });
    const diff = await diffAfter((workspace) => {
      writeFileSync(join(workspace, "committed.txt"), "one\n");
      gitIn(workspace, "add", "--all");
      gitIn(workspace, "commit", "--quiet", "--message=Of the agent");
      writeFileSync(join(workspace, "a.txt"), text.replace("4", "four"));
      rmSync(join(workspace, "gone.txt"));
      mkdirSync(join(workspace, "new"));
      renameSync(join(workspace, "old/name.txt"), join(workspace, "new/name.txt"));
      writeFileSync(join(workspace, "picture.png"), Buffer.from([0x89, 0x50, 0, 1, 2, 3]));
      writeFileSync(join(workspace, "ignored.log"), "x");
      appendFileSync(join(workspace, ".git/info/exclude"), "*.log\n");
    });
    expect(diff.files).toEqual([
      { path: "a.txt", oldPath: null, status: "modified", insertions: 1, deletions: 1 },
      { path: "committed.txt", oldPath: null, status: "added", insertions: 1, deletions: 0 },
      { path: "gone.txt", oldPath: null, status: "deleted", insertions: 0, deletions: 8 },
      { path: "new/name.txt", oldPath: "old/name.txt", status: "renamed", insertions: 0, deletions: 0 },
      { path: "picture.png", oldPath: null, status: "added", insertions: null, deletions: null },
    ]);
    expect(diff.baseCommit).toBe(gitIn(world.repository, "rev-parse", "main"));
    expect(diff.leftOutFiles).toEqual([]);
    expect(diff.patch.match(/^diff --git .*$/gm)).toHaveLength(5);
    expect(diff.patch).toMatch(/-4\n\+four\n[^]*rename from old\/name.txt[^]*Binary files/);
  });

  it("has odd names, modes, links, and what became a link, each with its own patch", async () => {
    const odd = 'with space "and quote" \u00e4 \u0007.txt';
    world = await World.make(bundles, { files: { [odd]: text, "run.sh": text, "file.txt": text } });
    const diff = await diffAfter((workspace) => {
      writeFileSync(join(workspace, odd), `${text}9\n`);
      chmodSync(join(workspace, "run.sh"), 0o755);
      rmSync(join(workspace, "file.txt"));
      symlinkSync("/etc/passwd", join(workspace, "file.txt"));
      writeFileSync(join(workspace, "diff --git a b"), "diff --git a/x b/x\n+++ b/x\n");
    });
    expect(diff.files.map(({ path, status }) => [path, status])).toEqual([
      ["diff --git a b", "added"],
      ["file.txt", "modified"],
      ["run.sh", "modified"],
      [odd, "modified"],
    ]);
    expect(diff.leftOutFiles).toEqual([]);
    expect(diff.patch).toContain("new mode 100755");
    expect(diff.patch).toContain("+/etc/passwd");
    expect(diff.patch).not.toContain("root:");
    expect(diff.patch).toContain("+9\n");
  });

  it("is said when it is another one, also that nothing is left of it", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    for (const [turn, step] of [
      [1, { say: "nothing yet" }],
      [2, { write: "a.txt" }],
      [3, { say: "nothing new" }],
      [4, { sh: "rm a.txt" }],
      [5, { write: "b.txt" }],
    ] as const) {
      world.prompt(taskId, turn, step);
      await world.control.event(taskId, "turn_ended", (event) => event.turn === turn);
    }
    await waitFor("the last diff", () => diffs(taskId).at(-1)?.files[0]?.path === "b.txt");
    expect(diffs(taskId).map(({ files }) => files.map(({ path }) => path))).toEqual([["a.txt"], [], ["b.txt"]]);
  });

  it("fits into a frame: the patches that do not are named", async () => {
    world = await World.make(bundles);
    const line = `${'"\\'.repeat(40)}\n`;
    const diff = await diffAfter((workspace) => {
      writeFileSync(join(workspace, "huge.txt"), line.repeat(200_000));
      for (let count = 0; count < 12; count += 1) writeFileSync(join(workspace, `big-${count}.txt`), line.repeat(250));
      writeFileSync(join(workspace, "small.txt"), "small\n");
    });
    expect(diff.files).toHaveLength(14);
    expect(diff.leftOutFiles).toContain("huge.txt");
    expect(diff.leftOutFiles.length).toBeLessThan(12);
    for (const shown of ["+small\n", "b/big-"]) expect(diff.patch.includes(shown)).toBe(true);
    expect(Buffer.byteLength(JSON.stringify(diff))).toBeLessThan(maxFrameBytes - 4_096);
  });

  it("fits into a frame with more files than can be listed", async () => {
    world = await World.make(bundles);
    const diff = await diffAfter((workspace) => {
      for (let count = 0; count < 1_500; count += 1) writeFileSync(join(workspace, `${"x".repeat(150)}-${count}`), "");
    });
    expect(diff.files.length).toBeLessThanOrEqual(1_000);
    expect(diff.files.length).toBeGreaterThan(300);
    expect(Buffer.byteLength(JSON.stringify(diff))).toBeLessThan(maxFrameBytes - 4_096);
  });

  it("shows also what the work itself would hide by attributes", async () => {
    world = await World.make(bundles, { files: { "a.txt": text } });
    const diff = await diffAfter((workspace) => {
      writeFileSync(join(workspace, ".gitattributes"), "a.txt -diff\n*.js binary\n");
      writeFileSync(join(workspace, "a.txt"), "changed\n");
      writeFileSync(join(workspace, "b.js"), "hidden();\n");
    });
    expect(diff.patch).toContain("+changed\n");
    expect(diff.patch).toContain("+hidden();\n");
    expect(diff.files.map(({ insertions }) => insertions)).toEqual([2, 1, 1]);
  });

  it("runs nothing that the workspace configures, and shows no secret", async () => {
    const files = { ".gitattributes": "* diff=evil filter=evil textconv=evil\n", "a.txt": text };
    world = await World.make(bundles, { files });
    world.control.grant = { ...noGrant, environment: { OWNERS_SECRET: "the-secret-of-the-owner" } };
    const trace = join(world.folder, "trace");
    const diff = await diffAfter((workspace) => {
      for (const name of [
        "diff.external",
        "diff.evil.command",
        "diff.evil.textconv",
        "filter.evil.clean",
        "core.fsmonitor",
      ])
        gitIn(workspace, "config", name, `touch ${trace}; false`);
      writeFileSync(join(workspace, "a.txt"), "key = the-secret-of-the-owner\n");
    });
    expect(diff.patch).toContain("+key = [secret OWNERS_SECRET]\n");
    expect(diff.patch).not.toContain("the-secret");
    expect(() => gitIn(world.folder, "hash-object", trace)).toThrow("trace");
  });
});

describe("the diff of a delivery", () => {
  it("is that of the commit that is pushed, said before it", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(taskId, 1, { write: "new.txt", content: "one\n" });
    await world.control.event(taskId, "turn_ended");
    world.deliver(taskId);
    await world.control.event(taskId, "delivered");
    expect(diffs(taskId).at(-1)?.files).toMatchObject([{ path: "new.txt", insertions: 1 }]);
    expect(diffs(taskId)).toHaveLength(1);
  });
});
