import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import type { NodeTaskEvent } from "@sam/domain/node-task";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { commitElsewhere, gitIn, makeEmptyRepository } from "../testing/repositories.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;
const servers: Server[] = [];

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(async () => {
  await world.end();
  for (const server of servers.splice(0)) server.close();
});

type Failed = Extract<NodeTaskEvent, { type: "command_failed" }>;

async function failure(url: string, branch: string | null = null): Promise<Failed> {
  const taskId = world.newTask();
  world.createWorkspace(taskId, { url, branch });
  const failed = await world.control.event(taskId, "command_failed");
  expect(existsSync(world.workspace(taskId))).toBe(false);
  return failed;
}

/** A web server that answers everything with one status. */
async function httpServer(status: number): Promise<string> {
  const server = createServer((_request, response) =>
    response.writeHead(status, { "www-authenticate": "Basic" }).end(),
  );
  servers.push(server);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/repository.git`;
}

describe("a repository that can't be used is told apart by structure", () => {
  it("a path where nothing is, where no repository is, and addresses that git must never see", async () => {
    world = await World.make(bundles);
    expect(await failure(join(world.folder, "nowhere"))).toMatchObject({
      reason: "repository_not_found",
      retryable: false,
    });
    mkdirSync(join(world.folder, "plain"));
    expect(await failure(join(world.folder, "plain"))).toMatchObject({ reason: "repository_not_found" });
    for (const url of [
      "ext::sh -c touch% /tmp/owned",
      "--upload-pack=touch /tmp/owned",
      "../origin.git",
      "fd::7",
      "-oProxyCommand=x:y",
    ]) {
      expect(await failure(url)).toMatchObject({ reason: "repository_not_found" });
    }
  });

  it("one that is empty, and a branch that it does not have", async () => {
    world = await World.make(bundles);
    const empty = join(world.folder, "empty");
    mkdirSync(empty);
    expect(await failure(makeEmptyRepository(empty))).toMatchObject({ reason: "repository_empty", retryable: false });
    expect(await failure(world.repository, "no-such-branch")).toMatchObject({
      reason: "branch_not_found",
      retryable: false,
    });
  });

  it("one that asks for a password, without asking anybody, and one that the server does not know", async () => {
    world = await World.make(bundles);
    expect(await failure(await httpServer(401))).toMatchObject({
      reason: "repository_auth_required",
      retryable: false,
    });
    expect(await failure(await httpServer(403))).toMatchObject({ reason: "repository_auth_required" });
    expect(await failure(await httpServer(404))).toMatchObject({ reason: "repository_not_found" });
    const secret = (await httpServer(401)).replace("http://", "http://user:hunter2@");
    expect(JSON.stringify(await failure(secret))).not.toContain("hunter2");
  });

  it("one whose server fails, refuses or isn't there: worth another try", async () => {
    world = await World.make(bundles);
    expect(await failure(await httpServer(500))).toMatchObject({ reason: "repository_unreachable", retryable: true });
    expect(await failure("http://127.0.0.1:9/x.git")).toMatchObject({
      reason: "repository_unreachable",
      retryable: true,
    });
    expect(await failure("ssh://127.0.0.1:9/x.git")).toMatchObject({
      reason: "repository_unreachable",
      retryable: true,
    });
  });

  it("one behind the git relay, by the relay's own word", async () => {
    world = await World.make(bundles, { relay: true });
    expect(await failure("/relay/not_attached")).toMatchObject({ reason: "repository_unreachable", retryable: false });
    expect(await failure("/relay/not_found")).toMatchObject({ reason: "repository_not_found" });
    expect(await failure("/relay/not_a_repository")).toMatchObject({ reason: "repository_not_found" });
    expect(await failure("/relay/permission_denied")).toMatchObject({ reason: "repository_auth_required" });
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    const { path } = await world.control.event(taskId, "workspace_ready");
    expect(gitIn(path, "remote", "get-url", "origin")).toBe(world.repository);
    expect(readFileSync(join(path, "README.md"), "utf8")).toBe("# A repository\n");
  });
});

describe("a workspace", () => {
  it("is on the task's branch at the head that the remote has now, with what a clone would know", async () => {
    world = await World.make(bundles);
    const first = world.newTask();
    world.createWorkspace(first);
    const old = await world.control.event(first, "workspace_ready");
    const commit = commitElsewhere(world.folder, "later.txt", "later\n");
    gitIn(
      join(world.folder, "source"),
      "push",
      "--quiet",
      world.repository,
      "main:refs/heads/other",
      "main:refs/tags/v1",
    );
    const second = world.newTask();
    world.createWorkspace(second, { branch: "other" });
    const now = await world.control.event(second, "workspace_ready");
    expect(now).toMatchObject({ baseCommit: commit, baseBranch: "other" });
    expect(gitIn(now.path, "rev-parse", "HEAD", "origin/main", "origin/HEAD", "v1").split("\n")).toEqual([
      commit,
      commit,
      commit,
      commit,
    ]);
    expect(gitIn(now.path, "status", "--porcelain")).toBe("");
    expect(gitIn(now.path, "fsck", "--connectivity-only")).toBe("");
    expect(gitIn(now.path, "config", "user.name")).toBe("SAM");
    expect(gitIn(old.path, "log", "--oneline").split("\n")).toHaveLength(1);
  });

  it("reports its phases in order, the bytes as numbers, and is accepted before anything else", async () => {
    world = await World.make(bundles);
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    await world.control.event(taskId, "workspace_ready");
    const [first, ...rest] = world.control.events(taskId).map(({ event }) => event);
    expect(first).toEqual({ type: "workspace_accepted" });
    const phases = rest.flatMap((event) => (event.type === "workspace_progress" ? [event.phase] : []));
    expect([...new Set(phases)]).toEqual(["mirror", "checkout", "ready"]);
  });

  it("sees nothing of another on the same mirror: no branch, no config, no stash, no hook", async () => {
    world = await World.make(bundles);
    const [one, two] = [world.newTask(), world.newTask()];
    world.createWorkspace(one);
    world.createWorkspace(two);
    const [{ path: onePath }, { path: twoPath }] = await Promise.all([
      world.control.event(one, "workspace_ready"),
      world.control.event(two, "workspace_ready"),
    ]);
    gitIn(onePath, "branch", "mine");
    gitIn(onePath, "config", "alias.mine", "status");
    gitIn(onePath, "config", "user.email", "person@example.org");
    writeFileSync(join(onePath, "README.md"), "changed\n");
    gitIn(onePath, "stash");
    mkdirSync(join(onePath, ".git/hooks"), { recursive: true });
    writeFileSync(join(onePath, ".git/hooks/post-checkout"), "#!/bin/sh\nexit 1\n");
    chmodSync(join(onePath, ".git/hooks/post-checkout"), 0o755);
    expect(gitIn(twoPath, "branch", "--list", "--format=%(refname:short)")).toBe(world.branchOf(two));
    expect(gitIn(twoPath, "stash", "list")).toBe("");
    expect(gitIn(twoPath, "config", "--list")).not.toContain("alias.mine");
    gitIn(onePath, "gc", "--quiet", "--prune=now");
    gitIn(twoPath, "fsck", "--full");
    const three = world.newTask();
    world.createWorkspace(three);
    const { path } = await world.control.event(three, "workspace_ready");
    expect(gitIn(path, "branch", "--list", "--format=%(refname:short)")).toBe(world.branchOf(three));
  });

  it("of many tasks at once comes from one mirror, which is fetched into by one at a time", async () => {
    world = await World.make(bundles);
    const tasks = Array.from({ length: 8 }, () => world.newTask());
    for (const taskId of tasks) world.createWorkspace(taskId);
    const ready = await Promise.all(tasks.map((taskId) => world.control.event(taskId, "workspace_ready")));
    expect(new Set(ready.map(({ path }) => path)).size).toBe(8);
    for (const { path } of ready) expect(gitIn(path, "status", "--porcelain")).toBe("");
    expect(existsSync(world.mirror())).toBe(true);
  });

  it("asked for a second time is only told again; work in it stays", async () => {
    world = await World.make(bundles);
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    const { path, baseCommit } = await world.control.event(taskId, "workspace_ready");
    writeFileSync(join(path, "mine.txt"), "mine\n");
    commitElsewhere(world.folder, "later.txt", "later\n");
    world.createWorkspace(taskId);
    await world.control.event(
      taskId,
      "workspace_ready",
      () => world.control.eventsOf(taskId, "workspace_ready").length === 2,
    );
    expect(world.control.eventsOf(taskId, "workspace_ready").map((event) => event.baseCommit)).toEqual([
      baseCommit,
      baseCommit,
    ]);
    expect(readFileSync(join(path, "mine.txt"), "utf8")).toBe("mine\n");
  });

  it("carries the committer of this node's own configuration where there is one", async () => {
    world = await World.make(bundles, {
      env: { GIT_CONFIG_GLOBAL: join(import.meta.dirname, "../testing/person.gitconfig") },
    });
    const taskId = world.newTask();
    world.createWorkspace(taskId);
    const { path } = await world.control.event(taskId, "workspace_ready");
    expect(gitIn(path, "config", "user.name")).toBe('A "quoted" \\ Person');
    expect(gitIn(path, "config", "user.email")).toBe("person@example.org");
  });
});
