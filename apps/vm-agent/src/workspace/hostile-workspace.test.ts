import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TaskId } from "@sam/domain/ids";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { gitIn } from "../testing/repositories.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;
/** Whatever of the agent's is carried out with the node's rights leaves a file here. */
let traps: string;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(async () => {
  const sprung = readdirSync(traps);
  await world.end();
  expect(sprung).toEqual([]);
});

async function begin(): Promise<TaskId> {
  world = await World.make(bundles);
  traps = join(world.folder, "traps");
  mkdirSync(traps);
  return await world.readyTask();
}

async function afterTurn(taskId: TaskId, ...commands: readonly string[]): Promise<void> {
  world.prompt(taskId, 1, { write: "good.txt" }, ...commands.map((sh) => ({ sh })));
  await world.control.event(taskId, "turn_ended");
  world.deliver(taskId);
}

function trap(name: string): string {
  return `touch ${join(traps, name)}`;
}

describe("what an agent writes into its .git is data: nothing of it is carried out", () => {
  it("not its configuration", async () => {
    const taskId = await begin();
    const settings = {
      "core.fsmonitor": trap("fsmonitor"),
      "core.sshCommand": trap("ssh"),
      "core.hooksPath": join(traps, "../hooks"),
      "core.pager": trap("pager"),
      "core.editor": trap("editor"),
      "core.askPass": trap("askpass"),
      "core.alternateRefsCommand": trap("alternate"),
      "diff.external": trap("diff"),
      "filter.evil.clean": `${trap("clean")}; cat`,
      "filter.evil.process": trap("process"),
      "filter.evil.required": "true",
      "diff.evil.textconv": trap("textconv"),
      "merge.evil.driver": trap("merge"),
      "credential.helper": `!${trap("credential")}`,
      "gpg.program": trap("gpg"),
      "commit.gpgSign": "true",
      "push.gpgSign": "true",
      "uploadpack.packObjectsHook": trap("pack"),
      "remote.origin.url": `ext::sh -c ${trap("ext")}`,
      "remote.origin.uploadpack": trap("uploadpack"),
      "remote.origin.receivepack": trap("receivepack"),
      "remote.origin.promisor": "true",
      "extensions.partialClone": "origin",
      "protocol.ext.allow": "always",
      "url.ext::sh.insteadOf": world.repository,
      "core.worktree": traps,
      "include.path": "/dev/zero",
    };
    await afterTurn(
      taskId,
      "echo '*.txt filter=evil diff=evil merge=evil' > .gitattributes",
      `mkdir -p ${join(traps, "../hooks")}; for hook in pre-commit post-commit pre-push post-checkout post-index-change reference-transaction; do printf '#!/bin/sh\\n${trap("hook")}\\n' > ${join(traps, "../hooks")}/$hook; chmod +x ${join(traps, "../hooks")}/$hook; done; cp -r ${join(traps, "../hooks")} .git/hooks`,
      ...Object.entries(settings).map(([name, value]) => `git config --file .git/config '${name}' '${value}'`),
    );
    expect((await world.control.event(taskId, "delivered")).verdicts).toMatchObject({
      produced: { holds: true },
      pushed: { holds: true },
    });
    expect(gitIn(world.repository, "show", `${world.branchOf(taskId)}:good.txt`)).toBe("good.txt");
    writeFileSync(join(world.workspace(taskId), "later.txt"), "later\n");
    world.tearDown(taskId);
    expect((await world.control.event(taskId, "torn_down")).savedRef).toBe(`refs/sam/wip/${taskId}`);
  });

  it("not that of a repository inside, known to git as a submodule", async () => {
    const taskId = await begin();
    await afterTurn(
      taskId,
      `git init -q inner; cd inner; git config user.name A; git config user.email a@b.c; git commit -q --allow-empty -m x; cd ..; git -c advice.addEmbeddedRepo=false add inner; git commit -qm 'a gitlink'; cd inner; git commit -q --allow-empty -m y; echo dirty > dirty; git config core.fsmonitor '${trap("inner-fsmonitor")}'`,
    );
    const { verdicts } = await world.control.event(taskId, "delivered");
    expect(verdicts.pushed).toMatchObject({ holds: true });
  });
});

describe("work is delivered or saved though the .git was", () => {
  const cases: [string, string][] = [
    ["removed", "rm -rf .git"],
    ["made anew", "rm -rf .git; git init -q; git add -A; git -c user.name=A -c user.email=a@b.c commit -qm fresh"],
    ["replaced by a link to another repository", "mv .git ../../stolen; ln -s ../../stolen .git"],
    ["replaced by a file", "rm -rf .git; echo 'gitdir: /nonexistent' > .git"],
    ["given a HEAD that is a pipe", "rm .git/HEAD; mkfifo .git/HEAD"],
    ["given a HEAD that leads out", "rm .git/HEAD; ln -s /etc/passwd .git/HEAD"],
    ["given a commit that isn't there", "echo 1111111111111111111111111111111111111111 > .git/HEAD"],
    ["given a broken index", "echo nonsense > .git/index"],
    ["split into a shared index", "git update-index --split-index"],
    ["left locked", "touch .git/index.lock .git/HEAD.lock"],
    ["emptied of objects", "rm -rf .git/objects"],
    ["given refs that lead out", "rm -rf .git/refs/heads; ln -s /etc .git/refs/heads"],
  ];

  it.each(cases)("%s", async (_, command) => {
    const taskId = await begin();
    await afterTurn(taskId, command);
    const { verdicts } = await world.control.event(taskId, "delivered");
    expect(verdicts).toMatchObject({ produced: { holds: true }, pushed: { holds: true } });
    expect(gitIn(world.repository, "show", `${world.branchOf(taskId)}:good.txt`)).toBe("good.txt");
    gitIn(world.repository, "fsck", "--full");
    expect(readFileSync("/etc/passwd", "utf8")).toContain("root:");
    world.tearDown(taskId);
    await world.control.event(taskId, "torn_down");
    expect(existsSync(world.workspace(taskId))).toBe(false);
  });
});

describe("what an index is told not to look at", () => {
  it.each(["--assume-unchanged", "--skip-worktree"])("by %s is delivered all the same", async (mark) => {
    const taskId = await begin();
    await afterTurn(
      taskId,
      `git add good.txt; git -c user.name=A -c user.email=a@b.c commit -qm x; git update-index ${mark} good.txt; echo changed > good.txt`,
    );
    await world.control.event(taskId, "delivered");
    expect(gitIn(world.repository, "show", `${world.branchOf(taskId)}:good.txt`)).toBe("changed");
  });

  it("because it is not there is not delivered as removed", async () => {
    const taskId = await begin();
    await afterTurn(
      taskId,
      "git add good.txt; git -c user.name=A -c user.email=a@b.c commit -qm x; git update-index --skip-worktree good.txt; rm good.txt",
    );
    await world.control.event(taskId, "delivered");
    expect(gitIn(world.repository, "show", `${world.branchOf(taskId)}:good.txt`)).toBe("good.txt");
  });
});

describe("a workspace that was replaced", () => {
  it("by a link is not followed: what it leads to stays as it is", async () => {
    const taskId = await begin();
    const other = join(world.folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "keep.txt"), "keep\n");
    world.prompt(taskId, 1, {
      sh: `cd ..; rm -rf ${world.workspace(taskId)}; ln -s ${other} ${world.workspace(taskId)}`,
    });
    await world.control.event(taskId, "turn_ended");
    world.deliver(taskId);
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({ reason: "delivery_failed" });
    world.tearDown(taskId);
    await world.control.event(taskId, "torn_down");
    expect(readFileSync(join(other, "keep.txt"), "utf8")).toBe("keep\n");
    expect(existsSync(world.workspace(taskId))).toBe(false);
  });

  it("with links inside that lead out is removed without what they lead to", async () => {
    const taskId = await begin();
    const other = join(world.folder, "other");
    mkdirSync(other);
    writeFileSync(join(other, "keep.txt"), "keep\n");
    symlinkSync(other, join(world.workspace(taskId), "out"));
    world.tearDown(taskId);
    await world.control.event(taskId, "torn_down");
    expect(readFileSync(join(other, "keep.txt"), "utf8")).toBe("keep\n");
  });
});
