/** The git relay with real repositories: a server fetches from and pushes to what is attached to it, and to nothing else. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { parseInvocation } from "./git-relay.ts";
import { listProcesses } from "./process-table.ts";
import { commandLineOf, type RunResult, TestBed, type TestHost, type TestServer, until } from "./testing/test-host.ts";

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bed = new TestBed();
const repositories = join(bed.directory, "repositories");
afterAll(() => bed.close());

const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "init.defaultBranch=main"];
const isRoot = process.getuid?.() === 0;

function git(directory: string, ...args: string[]): string {
  return execFileSync("git", [...identity, "-C", directory, ...args], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** A checkout with one commit. */
function makeRepository(name: string): string {
  const path = join(repositories, name);
  mkdirSync(path, { recursive: true });
  git(path, "init", "-q");
  writeFileSync(join(path, "readme"), `of ${name}\n`);
  git(path, "add", ".");
  git(path, "commit", "-qm", "first");
  return path;
}

function makeBare(name: string): string {
  const path = join(repositories, name);
  git(bed.directory, "clone", "-q", "--bare", makeRepository(`${name}-origin`), path);
  return path;
}

function urlOf(path: string): string {
  return `ssh://sam-local${path.split("/").map(encodeURIComponent).join("/")}`;
}

/** Runs git inside of the server, as a VM agent does. */
function gitIn(server: TestServer, ...args: string[]): Promise<RunResult> {
  const command = `"${process.execPath}" "$SAM_GIT_RELAY"`;
  const script = `cd "$SAM_NODE_DISK" && export GIT_SSH_VARIANT=simple GIT_SSH_COMMAND='${command}' && exec git "$@"`;
  return server.run("sh", "-c", script, "git", ...identity, ...args);
}

async function attach(host: TestHost, server: TestServer, path: string): Promise<void> {
  expect((await host.call("POST", `/v1/servers/${server.id}/repositories`, { path })).status).toBe(200);
}

async function probe(server: TestServer, path: string): Promise<unknown> {
  const script = `exec "${process.execPath}" "$SAM_GIT_RELAY" --probe "$1"`;
  const { code, stdout, stderr } = await server.run("sh", "-c", script, "probe", path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return (JSON.parse(stdout) as { status: unknown }).status;
}

describe.each(["auto", "plain"] as const)("the git relay in isolation %s", (isolation) => {
  let host: TestHost;
  let server: TestServer;
  let count = 0;
  const name = (): string => {
    count += 1;
    return `${isolation}-${count}`;
  };
  beforeAll(async () => {
    host = await bed.host({ isolation });
    server = await host.running("relay");
  });

  it("refuses a repository that isn't attached, and says nothing about what is there", async () => {
    const path = makeRepository(name());
    expect(await probe(server, path)).toBe("not_attached");
    expect(await probe(server, "/etc")).toBe("not_attached");
    expect(await probe(server, join(repositories, "no-such"))).toBe("not_attached");
    const clone = await gitIn(server, "clone", urlOf(path), name());
    expect(clone.code).toBe(128);
    expect(clone.stderr).toContain("not_attached");
  });

  it("refuses what another server has attached, and a way to it through an attached path", async () => {
    const [mine, other] = [makeRepository(name()), makeRepository(name())];
    await attach(host, server, mine);
    const stranger = await host.running(`stranger-${isolation}`);
    await attach(host, stranger, other);
    expect(await probe(server, other)).toBe("not_attached");
    expect(await probe(server, join(mine, "..", other.split("/").at(-1) ?? ""))).toBe("not_attached");
    expect(await probe(server, `${mine}/../${other.split("/").at(-1)}`)).toBe("not_attached");
    symlinkSync(other, join(mine, "link"));
    expect(await probe(server, join(mine, "link"))).toBe("not_attached");
    expect(await probe(stranger, other)).toBe("ok");
    await host.call("DELETE", `/v1/servers/${stranger.id}`);
  });

  it("says of an attached path what is wrong with it", async () => {
    const file = join(repositories, name());
    const plain = join(repositories, name());
    const locked = makeRepository(name());
    mkdirSync(plain, { recursive: true });
    writeFileSync(file, "");
    chmodSync(locked, 0);
    const missing = join(repositories, name());
    for (const path of [file, plain, locked, missing]) await attach(host, server, path);
    expect(await probe(server, missing)).toBe("not_found");
    expect(await probe(server, plain)).toBe("not_a_repository");
    expect(await probe(server, file)).toBe("not_a_repository");
    // Nothing is locked to root.
    expect(await probe(server, locked)).toBe(isRoot ? "ok" : "permission_denied");
    chmodSync(locked, 0o755);
    git(repositories, "init", "-q", "--bare", missing);
    expect(await probe(server, missing)).toBe("ok");
  });

  it("clones, fetches and pushes, by protocol version 2 where git speaks it", async () => {
    const path = makeBare(name());
    const clone = name();
    await attach(host, server, path);
    expect(await gitIn(server, "clone", "-q", urlOf(path), clone)).toMatchObject({ code: 0, stderr: "" });

    await server.run("sh", "-c", `echo more > "$SAM_NODE_DISK/${clone}/more"`);
    expect((await gitIn(server, "-C", clone, "add", ".")).code).toBe(0);
    expect((await gitIn(server, "-C", clone, "commit", "-qm", "second")).code).toBe(0);
    expect(await gitIn(server, "-C", clone, "push", "-q", "origin", "HEAD:refs/heads/sam/work")).toMatchObject({
      code: 0,
    });
    const head = (await gitIn(server, "-C", clone, "rev-parse", "HEAD")).stdout;
    expect(git(path, "rev-parse", "sam/work")).toBe(head);
    expect((await gitIn(server, "-C", clone, "ls-remote", "origin", "sam/work")).stdout).toContain(head.trim());

    git(path, "branch", "from-here", "main");
    const trace = `GIT_TRACE_PACKET=1 GIT_SSH_VARIANT=simple GIT_SSH_COMMAND='"${process.execPath}" "$SAM_GIT_RELAY"'`;
    const fetched = await server.run("sh", "-c", `cd "$SAM_NODE_DISK/${clone}" && ${trace} git fetch origin 2>&1`);
    expect(fetched.stdout).toContain("version 2");
    expect(fetched.stdout).toContain("from-here");
  });

  it("moves what is large, both ways, unharmed", async () => {
    const path = makeRepository(name());
    const clone = name();
    writeFileSync(join(path, "large"), randomBytes(8 * 1024 * 1024));
    git(path, "add", ".");
    git(path, "commit", "-qm", "large");
    await attach(host, server, path);
    expect(await gitIn(server, "clone", "-q", urlOf(path), clone)).toMatchObject({ code: 0, stderr: "" });
    expect((await gitIn(server, "-C", clone, "fsck", "--full")).code).toBe(0);
    writeFileSync(join(server.disk, clone, "large"), randomBytes(8 * 1024 * 1024));
    expect((await gitIn(server, "-C", clone, "commit", "-qam", "larger")).code).toBe(0);
    const push = await gitIn(server, "-C", clone, "push", "-q", "origin", "HEAD:refs/heads/sam/large");
    expect(push).toMatchObject({ code: 0, stderr: "" });
    expect(git(path, "fsck", "--full")).toBe("");
    const head = (await gitIn(server, "-C", clone, "rev-parse", "HEAD")).stdout;
    expect(git(path, "rev-parse", "sam/large")).toBe(head);
  });

  it("takes paths with blanks, quotes and percent signs, worktrees, and paths through links", async () => {
    const odd = makeRepository(`${name()} it's 100% "odd" ü`);
    const worktree = join(repositories, name());
    git(odd, "worktree", "add", "-q", worktree);
    const link = join(repositories, name());
    symlinkSync(odd, link);
    await attach(host, server, worktree);
    await attach(host, server, link);
    for (const path of [odd, worktree, link, `${link}/`]) {
      const clone = await gitIn(server, "clone", "-q", urlOf(path), name());
      expect({ path, ...clone }).toMatchObject({ path, code: 0, stderr: "" });
    }
  });

  it("clones an empty repository", async () => {
    const path = join(repositories, name());
    mkdirSync(path);
    git(path, "init", "-q", "--bare");
    await attach(host, server, path);
    expect((await gitIn(server, "clone", urlOf(path), name())).code).toBe(0);
  });

  it("passes on what a hook says, and that it refused the push", async () => {
    const path = makeBare(name());
    const clone = name();
    writeFileSync(join(path, "hooks/pre-receive"), "#!/bin/sh\necho 'not on a Friday' >&2\nexit 1\n", { mode: 0o755 });
    await attach(host, server, path);
    await gitIn(server, "clone", "-q", urlOf(path), clone);
    const push = await gitIn(server, "-C", clone, "push", "origin", "HEAD:refs/heads/sam/refused");
    expect(push.code).toBe(1);
    expect(push.stderr).toContain("not on a Friday");
    expect(push.stderr).toContain("pre-receive hook declined");
  });

  it("acts as the repository's owner, and not as root", async () => {
    const path = makeBare(name());
    const clone = name();
    const owner = isRoot ? 65_534 : (process.getuid?.() ?? 0);
    chmodSync(bed.directory, 0o755);
    for (const entry of ["", ...readdirSync(path, { recursive: true, encoding: "utf8" })])
      chownSync(join(path, entry), owner, owner);
    await attach(host, server, path);
    expect(await gitIn(server, "clone", "-q", urlOf(path), clone)).toMatchObject({ code: 0, stderr: "" });
    const push = await gitIn(server, "-C", clone, "push", "-q", "origin", "HEAD:refs/heads/sam/owned");
    expect(push).toMatchObject({ code: 0, stderr: "" });
    expect(statSync(join(path, "refs/heads/sam/owned")).uid).toBe(owner);
  });

  it("ends git on this side when the relay is killed in the middle", async () => {
    const path = makeRepository(name());
    await attach(host, server, path);
    const gits = (): number[] =>
      listProcesses()
        .map((entry) => entry.pid)
        .filter((pid) => commandLineOf(pid).includes(`upload-pack ${path}`));
    const socket = connect(join(server.disk, "relay.sock"));
    socket.write(`${JSON.stringify({ service: "git-upload-pack", path, gitProtocol: "version=2" })}\n`);
    await until("git runs", () => gits().length === 1);
    socket.destroy();
    await until("git has ended", () => gits().length === 0);
    expect(await probe(server, path)).toBe("ok");
  });

  it.each([
    ["not json\n"],
    ['{"service":"git-upload-archive","path":"/x","gitProtocol":null}\n'],
    ['{"service":"probe","path":"relative","gitProtocol":null}\n'],
    ['{"service":"probe","path":"/x","gitProtocol":"version=2; rm"}\n'],
    [`${"x".repeat(64 * 1024)}`],
  ])("answers what is no request with a refusal, and goes on: %#", async (line) => {
    const socket = connect(join(server.disk, "relay.sock"));
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString();
    });
    const closed = new Promise((resolve) => {
      socket.on("close", resolve);
    });
    socket.on("error", () => undefined);
    socket.write(line);
    await closed;
    expect(JSON.parse(answer)).toMatchObject({ status: "bad_request" });
    expect(await probe(server, "/x")).toBe("not_attached");
  });
});

describe("the relay's socket", () => {
  it("may have a path longer than the system's 107 bytes", async () => {
    const dataDir = join(bed.dataDir(), "d".repeat(100));
    mkdirSync(dataDir);
    const host = await bed.host({ dataDir });
    const server = await host.running("far-away");
    const path = makeRepository("far-away");
    await attach(host, server, path);
    expect(await gitIn(server, "clone", "-q", urlOf(path), "clone")).toMatchObject({ code: 0, stderr: "" });
    await host.stop();
    expect(existsSync(join(server.disk, "relay.sock"))).toBe(false);
  });

  it("is made anew at the next start, whatever the server put in its place, and follows no link", async () => {
    const first = await bed.host();
    const server = await first.running("devious");
    const victim = join(bed.directory, "victim");
    writeFileSync(victim, "kept");
    await first.stop();
    rmSync(join(server.disk, "relay.sock"), { force: true });
    symlinkSync(victim, join(server.disk, "relay.sock"));
    const second = await bed.host({ dataDir: first.dataDir });
    await second.server(server.id).boot(2);
    expect(await probe(second.server(server.id), "/x")).toBe("not_attached");
    expect(statSync(victim).size).toBe(4);
    await second.stop();
  });
});

describe("what git passes to the relay", () => {
  it.each([
    [["sam-local", "git-upload-pack '/srv/a b'"], { service: "git-upload-pack", path: "/srv/a b" }],
    [["sam-local", "git-receive-pack '/srv/it'\\''s'"], { service: "git-receive-pack", path: "/srv/it's" }],
    [["-o", "SendEnv=GIT_PROTOCOL", "sam-local", "git-upload-pack '/x'"], { service: "git-upload-pack", path: "/x" }],
    [["--probe", "/x"], { service: "probe", path: "/x" }],
    [["example.com", "git-upload-pack '/x'"], expect.stringContaining("example.com")],
    [["-G", "sam-local"], expect.any(String)],
    [["sam-local", "git-upload-archive '/x'"], expect.stringContaining("not served")],
    [[], expect.any(String)],
  ])("%j", (args, expected) => {
    expect(parseInvocation(args)).toEqual(expected);
  });
});
