import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { commitElsewhere, gitIn, makeRepository } from "../testing/repositories.ts";
import { RelayStandIn } from "../testing/relay-stand-in.ts";
import { openPassage, passagePrefix } from "./relay-passage.ts";

const run = promisify(execFile);
let folder: string;
let relay: RelayStandIn;
let repository: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sam-passage-"));
  repository = makeRepository(folder);
  relay = await RelayStandIn.start(join(folder, "relay.sock"));
});
afterEach(() => {
  relay.stop();
  rmSync(folder, { recursive: true, force: true });
});

function git(env: Readonly<Record<string, string>>, ...args: readonly string[]) {
  return run("git", [...args], { cwd: folder, env: { PATH: process.env["PATH"], HOME: folder, GIT_ALLOW_PROTOCOL: "git", ...env } });
}

describe("a passage to the git relay", () => {
  it("carries a fetch and a push, of more than fits into one buffer", async () => {
    commitElsewhere(folder, "big.txt", Array.from({ length: 200_000 }, (_, index) => `${index * 7919}`).join("\n"));
    const clone = join(folder, "clone");
    using fetching = await openPassage(join(folder, "relay.sock"), repository);
    await git(fetching.env, "clone", "--quiet", `${passagePrefix}${repository}`, clone);
    gitIn(clone, "commit", "--quiet", "--allow-empty", "--message=More");
    using pushing = await openPassage(join(folder, "relay.sock"), repository);
    await git(pushing.env, "-C", clone, "push", "--quiet", `${passagePrefix}${repository}`, "HEAD:refs/heads/more");
    expect(gitIn(repository, "rev-parse", "more")).toBe(gitIn(clone, "rev-parse", "HEAD"));
    expect(relay.requests.map(({ service }) => service)).toEqual(["git-upload-pack", "git-receive-pack"]);
  });

  it("leads to its own repository, whatever git asks for", async () => {
    using passage = await openPassage(join(folder, "relay.sock"), repository);
    const { stdout } = await git(passage.env, "ls-remote", `${passagePrefix}/etc`);
    expect(stdout).toContain("refs/heads/main");
    expect(relay.requests.map(({ path }) => path)).toEqual([repository]);
  });

  it("is closed to everybody else: without its name, a second time, and afterwards", async () => {
    using passage = await openPassage(join(folder, "relay.sock"), repository);
    const [, port = "", secret = ""] = /127\.0\.0\.1:(\d+)\/([0-9a-f]+)/.exec(passage.env["GIT_CONFIG_KEY_0"] ?? "") ?? [];
    await expect(git({}, "ls-remote", `git://127.0.0.1:${port}/${"0".repeat(32)}${repository}`)).rejects.toThrow("no such passage");
    await git(passage.env, "ls-remote", `${passagePrefix}${repository}`);
    await expect(git(passage.env, "ls-remote", `${passagePrefix}${repository}`)).rejects.toThrow("no such passage");
    const later = await openPassage(join(folder, "relay.sock"), repository);
    later[Symbol.dispose]();
    await expect(git(later.env, "ls-remote", `${passagePrefix}${repository}`)).rejects.toThrow("no such passage");
    expect(secret).toHaveLength(32);
  });

  it("tells git why the relay refuses, and that nobody answers", async () => {
    using refused = await openPassage(join(folder, "relay.sock"), "/relay/not_attached");
    await expect(git(refused.env, "ls-remote", `${passagePrefix}/x`)).rejects.toThrow("not_attached: as the test says");
    using nobody = await openPassage(join(folder, "nobody.sock"), repository);
    await expect(git(nobody.env, "ls-remote", `${passagePrefix}/x`)).rejects.toThrow("ENOENT");
  });

  it("drops whatever is no request of git", async () => {
    using passage = await openPassage(join(folder, "relay.sock"), repository);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(passage.env["GIT_CONFIG_KEY_0"] ?? "")?.[1]);
    const { promise, resolve } = Promise.withResolvers<string>();
    let said = "";
    const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\n\r\n"));
    socket.on("data", (chunk) => (said += chunk.toString())).on("close", () => resolve(said));
    expect(await promise).toContain("ERR not a request of git");
  });
});
