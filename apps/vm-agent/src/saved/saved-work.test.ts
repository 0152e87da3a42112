/** Saved work at its remote, in the mirror where that can't be, and brought back: with real git and a real VM agent. */
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { workspaceIdOf, type TaskId } from "@sam/domain/ids";
import { savedRefOf, type SavedWorkReport } from "@sam/domain/saved-work";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import type { Step } from "../testing/agent-script.ts";
import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { noGrant } from "../testing/control-stand-in.ts";
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

const secret = "ghp_0123456789abcdef";
const refuses =
  'while read -r old new ref; do case "$ref" in refs/sam/*) echo "no such refs here" >&2; exit 1;; esac; done';

/** A task whose agent did this and was torn down. */
async function savedTask(...steps: readonly Step[]): Promise<{ taskId: TaskId; work: SavedWorkReport; proof: string }> {
  const taskId = await worked(...steps);
  world.tearDown(taskId);
  return { taskId, ...(await tornDown(taskId)) };
}

async function worked(...steps: readonly Step[]): Promise<TaskId> {
  const taskId = await world.readyTask();
  world.prompt(taskId, 1, ...steps);
  await world.control.event(taskId, "turn_ended");
  return taskId;
}

async function tornDown(taskId: TaskId): Promise<{ work: SavedWorkReport; proof: string }> {
  const { savedWork } = await world.control.event(taskId, "torn_down");
  if (savedWork === null || savedWork === undefined) throw new Error("nothing was saved");
  const line = world.control.eventsOf(taskId, "receipt").find((receipt) => receipt.line === "workspace_saved");
  return { work: savedWork, proof: line?.proof ?? "" };
}

function atRemote(taskId: TaskId): string {
  return gitIn(world.repository, "for-each-ref", "--format=%(objectname)", savedRefOf(taskId));
}

function placeSaid(taskId: TaskId): string {
  return world.control.held.works.find((work) => work.taskId === taskId)?.place ?? "nowhere";
}

/** Nothing of this node's disk is left: what comes now is another node's. */
async function becomeAnotherNode(): Promise<void> {
  await world.vmAgent.kill();
  rmSync(world.disk, { recursive: true, force: true });
  world.vmAgent.start();
}

function continueTask(before: TaskId, commit: string): TaskId {
  const taskId = world.newTask();
  world.control.command(taskId, {
    type: "create_workspace",
    workspaceId: workspaceIdOf(before),
    repository: { url: world.repository, branch: null },
    agentId: "well",
    branch: world.branchOf(before),
    savedWork: { taskId: before, commit },
  });
  return taskId;
}

describe("work that nobody pushed", () => {
  it("lies at the remote under a ref of its own, before the teardown is said to be done", async () => {
    world = await World.make(bundles, { files: { ".gitignore": "ignored\n", "README.md": "one\n" } });
    const { taskId, work, proof } = await savedTask(
      { sh: "echo a > a; git add a; git commit -qm first; echo more >> README.md; echo x > ignored" },
      { write: "untracked.txt" },
    );
    expect(work).toMatchObject({
      place: "remote",
      whyNotPushed: null,
      files: 3,
      uncommittedFiles: 2,
      unpushedCommits: 1,
    });
    expect(atRemote(taskId)).toBe(work.commit);
    expect(gitIn(world.repository, "ls-tree", "--name-only", work.commit).split("\n")).toEqual([
      ".gitignore",
      "README.md",
      "a",
      "untracked.txt",
    ]);
    expect(gitIn(world.repository, "for-each-ref", "--format=%(refname)", "refs/heads")).toBe("refs/heads/main");
    expect(proof).toContain(`at the remote, which lists it as ${savedRefOf(taskId)}`);
    expect(placeSaid(taskId)).toBe("remote");
  });

  it("keeps its node before there is any of it: from its first agent on, which is said before what that does", async () => {
    world = await World.make(bundles, { timings: { tendMs: 3_600_000 } });
    const taskId = await world.readyTask();
    expect(world.control.held.unsaved).toEqual([taskId]);
  });

  it("keeps its node no longer than its workspace stands, which is said at once", async () => {
    world = await World.make(bundles);
    const { taskId } = await savedTask({ write: "new.txt" });
    await waitFor("no workspace is unsaved", () => world.control.held.unsaved.length === 0, 5_000);
    expect(placeSaid(taskId)).toBe("remote");
  });

  it("keeps its node no longer where a word that nothing lies there any more was lost: it is said again", async () => {
    world = await World.make(bundles, { timings: { tendMs: 200 } });
    const taskId = await world.readyTask();
    world.tearDown(taskId);
    await world.control.event(taskId, "torn_down");
    await waitFor("no workspace is unsaved", () => world.control.held.unsaved.length === 0, 5_000);
    world.control.held = { works: [], unsaved: [taskId] };
    await waitFor("that is said again", () => world.control.held.unsaved.length === 0, 5_000);
    expect(world.control.held).toMatchObject({ works: [], unsaved: [] });
  });

  it("stays in the mirror where the remote refuses such refs, which is said, and is pushed once it does not", async () => {
    world = await World.make(bundles, { timings: { saveRetryMs: 300 } });
    installHook(world.repository, "pre-receive", refuses);
    const { taskId, work, proof } = await savedTask({ write: "new.txt" });
    expect(work.place).toBe("mirror");
    expect(work.whyNotPushed).toContain(`the remote refused ${savedRefOf(taskId)}: “[remote rejected]`);
    expect(proof).toContain("on this node alone");
    expect(placeSaid(taskId)).toBe("mirror");
    expect(gitIn(world.mirror(), "rev-parse", savedRefOf(taskId))).toBe(work.commit);
    rmSync(join(world.repository, "hooks/pre-receive"));
    await waitFor("the remote has it", () => atRemote(taskId) === work.commit);
    await waitFor("that is said", () => placeSaid(taskId) === "remote");
  });

  it("is pushed at the next boot where the remote could not be reached", async () => {
    world = await World.make(bundles, { timings: { saveRetryMs: 500 } });
    const taskId = await worked({ write: "new.txt" });
    renameSync(world.repository, `${world.repository}.away`);
    world.tearDown(taskId);
    const { work } = await tornDown(taskId);
    expect(work).toMatchObject({ place: "mirror", whyNotPushed: expect.stringContaining("could not be reached") });
    await world.vmAgent.kill();
    renameSync(`${world.repository}.away`, world.repository);
    world.vmAgent.start();
    await waitFor("the remote has it", () => atRemote(taskId) === work.commit);
    await waitFor("that is said", () => placeSaid(taskId) === "remote");
  });

  it("is saved the same where the control plane does not want to hear of the task any more", async () => {
    world = await World.make(bundles);
    const taskId = await worked({ write: "new.txt" });
    world.control.send({ type: "void_task", taskId });
    await waitFor("the remote has it", () => atRemote(taskId) !== "");
    await waitFor("that is said", () => placeSaid(taskId) === "remote");
    expect(gitIn(world.repository, "show", `${atRemote(taskId)}:new.txt`)).toBe("new.txt");
  });

  it("is not waited for longer than its time where the remote hangs", async () => {
    world = await World.make(bundles, { timings: { savePushMs: 700 } });
    installHook(world.repository, "pre-receive", "cat >/dev/null; exec sleep 30");
    const { work } = await savedTask({ write: "new.txt" });
    expect(work).toMatchObject({ place: "mirror", whyNotPushed: expect.stringMatching(/longer than 0.7 s|deadline/) });
  });

  it("is saved whole where the power is cut in the middle of pushing it", async () => {
    world = await World.make(bundles);
    const started = join(world.folder, "started");
    installHook(world.repository, "pre-receive", `[ -e ${started} ] && exit 0; touch ${started}; exec sleep 30`);
    const taskId = await worked({ write: "new.txt" });
    world.tearDown(taskId);
    await waitFor("the push has begun", () => existsSync(started));
    await world.vmAgent.kill();
    world.vmAgent.start();
    const { work } = await tornDown(taskId);
    expect(work.place).toBe("remote");
    expect(atRemote(taskId)).toBe(work.commit);
    expect(gitIn(world.repository, "show", `${work.commit}:new.txt`)).toBe("new.txt");
  });

  it("with a secret in it is never pushed, in whichever file or commit it stands", async () => {
    world = await World.make(bundles, { timings: { saveRetryMs: 100 } });
    world.control.grant = { ...noGrant, environment: { NPM_TOKEN: secret } };
    const { taskId, work, proof } = await savedTask(
      { sh: `echo ${secret} > .npmrc; git add -A; git commit -qm key; git rm -q .npmrc; git commit -qm gone` },
      { write: "new.txt" },
    );
    expect(work.whyNotPushed).toContain("“.npmrc” holds the value of the secret NPM_TOKEN, so it is never pushed");
    expect(proof).not.toContain(secret);
    expect(atRemote(taskId)).toBe("");
    expect(gitIn(world.mirror(), "rev-parse", savedRefOf(taskId))).toBe(work.commit);
  });

  it("is not pushed before it was looked through, and then it is", async () => {
    world = await World.make(bundles, { timings: { saveRetryMs: 200 } });
    world.control.grant = { ...noGrant, environment: { NPM_TOKEN: secret } };
    const taskId = await worked({ write: "new.txt" });
    await world.vmAgent.kill();
    world.vmAgent.start();
    await world.control.event(taskId, "agent_gone");
    world.control.grant = "the secrets can't be opened";
    world.tearDown(taskId);
    const { work } = await tornDown(taskId);
    expect(work.whyNotPushed).toContain("could not be looked through for secrets: the secrets can't be opened");
    expect(world.control.grantsWanted.at(-1)).toMatchObject({ purpose: "save" });
    world.control.grant = { ...noGrant, environment: { NPM_TOKEN: secret } };
    await waitFor("the remote has it", () => atRemote(taskId) === work.commit);
  });

  it("in a repository inside of the repository is named, since it is not saved", async () => {
    world = await World.make(bundles);
    const { work, proof } = await savedTask(
      { sh: "git init -q inner; echo x > inner/x" },
      {
        sh: "git init -q sub; git -C sub -c user.name=n -c user.email=e commit -q --allow-empty -m s; git add sub 2>/dev/null; git commit -qm sub",
      },
    );
    expect([...work.leftOut].toSorted()).toEqual(["inner/", "sub"]);
    expect(proof).toMatch(/not saved, since they are repositories of their own: .*“inner\/”/);
  });
});

describe("a task that continues one whose work was saved", () => {
  it("finds everything as it was, on another node, wherever the branch is by now", async () => {
    world = await World.make(bundles);
    const { taskId: first, work } = await savedTask(
      { sh: "echo a > a; git add a; git commit -qm first; git rm -q a; git commit -qm second" },
      { sh: "git branch side HEAD~1; for n in 1 2; do echo $n >> README.md; git stash -q; done" },
      { sh: "echo changed >> README.md; echo staged > staged; git add staged; mkdir d; echo new > d/untracked" },
    );
    const moved = commitElsewhere(world.folder, "elsewhere.txt", "moved on\n");
    await becomeAnotherNode();
    const second = continueTask(first, work.commit);
    const ready = await world.control.event(second, "workspace_ready");
    expect(ready).toMatchObject({ broughtBack: { taskId: first, commit: work.commit } });
    expect(ready.baseCommit).toBe(work.baseCommit);
    expect(ready.baseCommit).not.toBe(moved);
    const { path } = ready;
    expect(readFileSync(join(path, "README.md"), "utf8")).toMatch(/changed\n$/);
    expect(gitIn(path, "status", "--porcelain").split("\n").toSorted()).toEqual(["?? d/", "?? staged", "M README.md"]);
    expect(gitIn(path, "log", "--format=%s")).toBe("second\nfirst\nThe beginning");
    expect(gitIn(path, "branch", "--show-current")).toBe(world.branchOf(first));
    expect(gitIn(path, "log", "-1", "--format=%s", "side")).toBe("first");
    expect(gitIn(path, "stash", "list").split("\n")).toHaveLength(2);
    expect(gitIn(path, "show", "stash@{1}:README.md")).toMatch(/1$/);
  });

  it("delivers the work of both", async () => {
    world = await World.make(bundles);
    const { taskId: first, work } = await savedTask({ write: "first.txt" });
    const second = continueTask(first, work.commit);
    world.startAgentIn(second, { homeOf: first, workspaceOf: first });
    await world.control.event(second, "agent_ready");
    world.prompt(second, 1, { write: "second.txt" });
    await world.control.event(second, "turn_ended");
    const branch = world.branchOf(first);
    world.control.command(second, { type: "deliver", branch, commitMessage: "Both", checkCommand: null });
    const { verdicts } = await world.control.event(second, "delivered");
    expect(verdicts).toMatchObject({ produced: { commits: 1, files: 2 }, pushed: { holds: true } });
  });

  it("does not begin without it, as if nothing were missing", async () => {
    world = await World.make(bundles);
    installHook(world.repository, "pre-receive", refuses);
    const { taskId: first, work } = await savedTask({ write: "new.txt" });
    await becomeAnotherNode();
    const second = continueTask(first, work.commit);
    const failed = await world.control.event(second, "command_failed");
    expect(failed).toMatchObject({ command: "create_workspace", reason: "workspace_failed", retryable: false });
    expect(failed.evidence).toContain(`the remote lists nothing as ${savedRefOf(first)}`);
  });
});

describe("a task that comes back to its own node", () => {
  it("goes on with its work, and its events are numbered anew", async () => {
    world = await World.make(bundles);
    const { taskId, work } = await savedTask({ write: "new.txt" });
    world.control.beginAnew(taskId);
    world.control.command(taskId, {
      type: "create_workspace",
      workspaceId: workspaceIdOf(taskId),
      repository: { url: world.repository, branch: null },
      agentId: "well",
      branch: world.branchOf(taskId),
      savedWork: { taskId, commit: work.commit },
      comesBack: true,
    });
    world.startAgent(taskId, "well", 2);
    await world.control.event(taskId, "agent_ready");
    expect(gitIn(world.workspace(taskId), "status", "--porcelain")).toBe("?? new.txt");
    world.tearDown(taskId);
    const again = await tornDown(taskId);
    expect(again.work).toMatchObject({ place: "remote", uncommittedFiles: 1 });
    expect(atRemote(taskId)).toBe(again.work.commit);
  });
});

describe("saved work that nobody needs any more", () => {
  it("goes from the remote and the mirror, once, and only where it is still that work", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const { taskId, work } = await savedTask({ write: "new.txt" });
    const forget = (commit: string) => {
      control.send({ type: "forget_saved_work", taskId, commit, repositoryUrl: world.repository });
    };
    forget("0".repeat(40));
    await waitFor("an answer", () => control.forgotten.length === 1);
    expect(control.forgotten[0]).toMatchObject({ remote: "absent" });
    expect(atRemote(taskId)).toBe(work.commit);
    forget(work.commit);
    forget(work.commit);
    await waitFor("both answers", () => control.forgotten.length === 3);
    expect(control.forgotten.slice(1).map(({ remote }) => remote)).toEqual(["removed", "absent"]);
    expect(atRemote(taskId)).toBe("");
    expect(gitIn(world.mirror(), "for-each-ref", savedRefOf(taskId))).toBe("");
    await waitFor("it is held no more", () => control.held.works.length === 0);
  });

  it("stays where the remote can't be reached, with the reason", async () => {
    world = await World.make(bundles);
    const { taskId, work } = await savedTask({ write: "new.txt" });
    renameSync(world.repository, `${world.repository}.away`);
    world.control.send({
      type: "forget_saved_work",
      taskId,
      commit: work.commit,
      repositoryUrl: world.repository,
    });
    await waitFor("an answer", () => world.control.forgotten.length === 1);
    expect(world.control.forgotten[0]).toMatchObject({ remote: "failed" });
    expect(gitIn(world.mirror(), "rev-parse", savedRefOf(taskId))).toBe(work.commit);
    expect(placeSaid(taskId)).toBe("remote");
  });
});
