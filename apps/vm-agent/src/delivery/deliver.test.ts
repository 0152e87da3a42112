import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { commitElsewhere, gitIn, installHook } from "../testing/repositories.ts";
import { waitFor } from "../testing/wait-for.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(() => world.end());

type Delivered = Extract<NodeTaskEvent, { type: "delivered" }>;

async function work(...steps: Parameters<World["prompt"]>[2][]): Promise<TaskId> {
  const taskId = await world.readyTask();
  world.prompt(taskId, 1, ...steps);
  await world.control.event(taskId, "turn_ended");
  return taskId;
}

async function delivered(taskId: TaskId, checkCommand: string | null = null): Promise<Delivered["verdicts"]> {
  world.deliver(taskId, checkCommand);
  return (await world.control.event(taskId, "delivered")).verdicts;
}

function onRemote(taskId: TaskId, ...args: readonly string[]): string {
  return gitIn(world.repository, ...args, world.branchOf(taskId));
}

describe("a delivery that can't be completed", () => {
  it("is push_rejected with the remote's words where a hook refuses, and the work is saved in the mirror", async () => {
    world = await World.make(bundles);
    installHook(world.repository, "pre-receive", "echo 'policy: not on a Friday' >&2; exit 1");
    const taskId = await work({ write: "new.txt" });
    world.deliver(taskId, "exit 0");
    const failed = await world.control.event(taskId, "command_failed");
    expect(failed).toMatchObject({
      command: "deliver",
      reason: "push_rejected",
      retryable: false,
      verdicts: { produced: { holds: true, commits: 1 }, checked: { outcome: "passed" }, pushed: { holds: false } },
    });
    expect(failed.evidence).toContain("policy: not on a Friday");
    const commit = failed.verdicts?.produced?.headCommit ?? "";
    expect(gitIn(world.mirror(), "rev-parse", `refs/sam/wip/${taskId}`)).toBe(commit);
    expect(gitIn(world.mirror(), "show", `${commit}:new.txt`)).toBe("new.txt");
  });

  it("is push_rejected where the branch is there already with other work, which stays", async () => {
    world = await World.make(bundles);
    const taskId = await work({ write: "new.txt" });
    commitElsewhere(world.folder, "other.txt", "other\n");
    gitIn(
      join(world.folder, "source"),
      "push",
      "--quiet",
      world.repository,
      `main:refs/heads/${world.branchOf(taskId)}`,
    );
    const before = onRemote(taskId, "rev-parse");
    world.deliver(taskId);
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({ reason: "push_rejected" });
    expect(onRemote(taskId, "rev-parse")).toBe(before);
  });

  it("is push_unproven where the remote takes the push and does not list it", async () => {
    world = await World.make(bundles);
    installHook(world.repository, "post-receive", `while read old new ref; do git update-ref -d "$ref"; done`);
    const taskId = await work({ write: "new.txt" });
    world.deliver(taskId);
    const failed = await world.control.event(taskId, "command_failed");
    expect(failed).toMatchObject({
      reason: "push_unproven",
      verdicts: { produced: { holds: true }, pushed: { holds: false } },
    });
    expect(gitIn(world.mirror(), "rev-parse", `refs/sam/wip/${taskId}`)).toBe(failed.verdicts?.produced?.headCommit);
  });

  it("may be asked for again where the remote could not be reached, and then pushes the same commit", async () => {
    world = await World.make(bundles);
    const taskId = await work({ write: "new.txt" });
    const away = `${world.repository}.away`;
    gitIn(world.folder, "clone", "--quiet", "--bare", world.repository, away);
    rmSync(world.repository, { recursive: true });
    world.deliver(taskId);
    const failed = await world.control.event(taskId, "command_failed");
    expect(failed).toMatchObject({
      command: "deliver",
      reason: "delivery_failed",
      verdicts: { produced: { holds: true } },
    });
    gitIn(world.folder, "clone", "--quiet", "--bare", away, world.repository);
    const { pushed } = await delivered(taskId);
    expect(pushed).toMatchObject({ holds: true, commit: failed.verdicts?.produced?.headCommit });
  });

  it("of a task without a workspace says so", async () => {
    world = await World.make(bundles);
    const taskId = world.newTask();
    world.deliver(taskId);
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({ reason: "delivery_failed" });
  });
});

describe("a delivery", () => {
  it("that produced nothing pushes nothing, checks nothing and claims nothing", async () => {
    world = await World.make(bundles);
    const taskId = await work({ say: "I looked around" });
    expect(await delivered(taskId, "touch ran")).toMatchObject({
      produced: { holds: false, commits: 0, files: 0 },
      checked: { outcome: "not_configured", command: null },
      pushed: { holds: false, ref: null },
    });
    expect(gitIn(world.repository, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    expect(existsSync(join(world.workspace(taskId), "ran"))).toBe(false);
  });

  it("whose commits change nothing in sum has produced nothing", async () => {
    world = await World.make(bundles);
    const taskId = await work({ sh: "echo x > x; git add x; git commit -qm one; git rm -q x; git commit -qm two" });
    expect(await delivered(taskId)).toMatchObject({
      produced: { holds: false, commits: 2, files: 0 },
      pushed: { holds: false },
    });
  });

  it("whose check fails is pushed nevertheless, with the end of what the check printed", async () => {
    world = await World.make(bundles);
    const taskId = await work({ write: "new.txt" });
    const verdicts = await delivered(taskId, "seq 1 20000; echo 'the reason' >&2; exit 3");
    expect(verdicts.checked).toMatchObject({ outcome: "failed", exitCode: 3 });
    expect(verdicts.checked?.outputTail.endsWith("20000\nthe reason\n")).toBe(true);
    expect(verdicts.checked?.outputTail.length).toBeLessThanOrEqual(8 * 1024);
    expect(verdicts.pushed?.holds).toBe(true);
    expect(onRemote(taskId, "rev-parse")).toBe(verdicts.pushed?.commit);
  });

  it("holds commits of the agent and what it left uncommitted: changed, new, removed, renamed; not what is ignored", async () => {
    world = await World.make(bundles, {
      files: {
        "README.md": "1\n2\n3\n4\n5\n6\n7\n8\n",
        "gone.txt": "gone\n",
        ".gitignore": "build/\n",
        "a b/ö\n.txt": "odd name\n",
      },
    });
    const taskId = await work(
      { sh: "echo own > own.txt; git add own.txt; git -c user.name=Agent commit -qm 'Own commit'" },
      {
        sh: "git mv README.md READ.me; rm gone.txt; mkdir -p build; echo x > build/out; printf 'no end' > new.txt; echo more >> 'a b/ö\n.txt'",
      },
      { sh: "printf '\\000\\001' > binary; echo f > '-dash'; ln -s READ.me link; chmod +x own.txt" },
    );
    const verdicts = await delivered(taskId);
    expect(verdicts.produced).toMatchObject({ holds: true, commits: 2 });
    expect(onRemote(taskId, "log", "--format=%s|%an").split("\n").slice(0, 3)).toEqual([
      "The work of a test|SAM",
      "Own commit|Agent",
      "The beginning|A. Person",
    ]);
    const names = gitIn(world.repository, "ls-tree", "-r", "-z", "--name-only", world.branchOf(taskId))
      .split("\0")
      .filter(Boolean);
    expect(names.toSorted()).toEqual([
      "-dash",
      ".gitignore",
      "READ.me",
      "a b/ö\n.txt",
      "binary",
      "link",
      "new.txt",
      "own.txt",
    ]);
    expect(gitIn(world.repository, "fsck", "--full", "--strict")).toBe("");
    expect(gitIn(world.workspace(taskId), "status", "--porcelain")).toBe("");
    expect(gitIn(world.workspace(taskId), "rev-parse", "HEAD")).toBe(verdicts.pushed?.commit);
    expect(verdicts.produced?.files).toBe(8);
  });

  it("asked for twice says the same and pushes nothing new", async () => {
    world = await World.make(bundles);
    const taskId = await work({ write: "new.txt" });
    const first = await delivered(taskId);
    world.deliver(taskId);
    await waitFor("the second", () => world.control.eventsOf(taskId, "delivered").length === 2);
    const [, second] = world.control.eventsOf(taskId, "delivered");
    expect(second?.verdicts).toEqual(first);
  });

  it("finds the work at the tip of its branch where the agent has left for another", async () => {
    world = await World.make(bundles);
    const taskId = await work({ sh: "echo x > x; git add x; git commit -qm work; git checkout -q origin/main" });
    expect(await delivered(taskId)).toMatchObject({ produced: { holds: true, commits: 1 }, pushed: { holds: true } });
  });

  it("ends the agent first, and says its phases in their order", async () => {
    world = await World.make(bundles);
    const taskId = await world.readyTask();
    world.prompt(
      taskId,
      1,
      { write: "half.txt" },
      { stubborn: true },
      { background: "trap '' TERM; sleep 300" },
      { say: "up" },
      { hang: "deaf" },
    );
    await world.control.event(taskId, "agent_update");
    await delivered(taskId, "true");
    expect(world.processes()).toEqual([]);
    expect(world.control.eventsOf(taskId, "delivery_phase").map(({ phase }) => phase)).toEqual([
      "ending_agent",
      "committing",
      "checking",
      "pushing",
      "proving",
    ]);
    expect(world.control.eventsOf(taskId, "agent_gone")).toEqual([]);
    expect(onRemote(taskId, "ls-tree", "--name-only")).toContain("half.txt");
  });

  it("gives way to a tear-down while its check hangs; the check ends with its processes", async () => {
    world = await World.make(bundles);
    const taskId = await work({ write: "new.txt" });
    world.deliver(taskId, "trap '' TERM; setsid sleep 300 & echo started > started; sleep 300");
    await waitFor("the check", () => existsSync(join(world.workspace(taskId), "started")));
    world.tearDown(taskId);
    const { savedRef } = await world.control.event(taskId, "torn_down");
    expect(world.processes()).toEqual([]);
    expect(savedRef).toBe(`refs/sam/wip/${taskId}`);
    expect(gitIn(world.mirror(), "ls-tree", "--name-only", `refs/sam/wip/${taskId}`)).toContain("new.txt");
    expect(world.control.eventsOf(taskId, "delivered")).toEqual([]);
    expect(world.control.eventsOf(taskId, "command_failed")).toEqual([]);
  });

  it("pushes nothing that is not wanted any more when its check has ended, and keeps the work", async () => {
    world = await World.make(bundles);
    const taskId = await work({ write: "new.txt" });
    world.deliver(taskId, "echo started > started; until [ -e over ]; do sleep 0.02; done");
    await waitFor("the check", () => existsSync(join(world.workspace(taskId), "started")));
    world.control.grant = "the task is cancelled";
    writeFileSync(join(world.workspace(taskId), "over"), "");
    expect(await world.control.event(taskId, "command_failed")).toMatchObject({
      command: "deliver",
      evidence: expect.stringContaining("the task is cancelled"),
    });
    expect(() => gitIn(world.repository, "rev-parse", "--verify", world.branchOf(taskId))).toThrow("fatal");
    expect(gitIn(world.mirror(), "ls-tree", "--name-only", `refs/sam/wip/${taskId}`)).toContain("new.txt");
  });

  it("leaves repositories inside of the repository alone", async () => {
    world = await World.make(bundles);
    const taskId = await work({
      sh: "git init -q inner; cd inner; echo x > x; git add x; git -c user.name=A -c user.email=a@b.c commit -qm inner; cd ..; echo y > y",
    });
    await delivered(taskId);
    expect(onRemote(taskId, "ls-tree", "--name-only").split("\n")).toEqual(["README.md", "y"]);
    expect(readFileSync(join(world.workspace(taskId), "inner/x"), "utf8")).toBe("x\n");
  });

  it("goes through the git relay where there is one", async () => {
    world = await World.make(bundles, { relay: true });
    const taskId = await work({ write: "new.txt" });
    const { pushed } = await delivered(taskId);
    expect(onRemote(taskId, "rev-parse")).toBe(pushed?.commit);
  });
});

describe("a change of the same length in the second of the checkout", () => {
  it("is found, of however many files", async () => {
    const files = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`f${index}.txt`, "1\n"]));
    world = await World.make(bundles, { files });
    const taskId = world.newTask();
    world.control.onEvent = ({ event }) => {
      if (event.type === "workspace_ready") world.startAgent(taskId);
    };
    world.createWorkspace(taskId);
    await world.control.event(taskId, "workspace_ready");
    // No agent could be quicker.
    for (let index = 0; index < 200; index += 2) writeFileSync(join(world.workspace(taskId), `f${index}.txt`), "2\n");
    await world.control.event(taskId, "agent_ready");
    const { produced } = await delivered(taskId);
    expect(produced).toMatchObject({ files: 100, insertions: 100, deletions: 100 });
  });
});
