import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeId } from "@sam/domain/ids";
import { ulid } from "ulid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { CommandOutcome } from "../process/run-command.ts";
import { RelayStandIn } from "../testing/relay-stand-in.ts";
import { commitElsewhere, gitIn, makeRepository } from "../testing/repositories.ts";
import { remoteGit, type RemoteRequest } from "./remote-git.ts";
import { remoteOf } from "./remote.ts";

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

interface Through {
  readonly service?: RemoteRequest["service"];
  readonly path?: string;
  readonly socket?: string;
}

function git(args: (address: string) => readonly string[], through: Through = {}): Promise<CommandOutcome> {
  const remote = remoteOf(through.path ?? repository, { socket: join(folder, through.socket ?? "relay.sock") });
  return remoteGit(remote, {
    args: args(remote.address),
    service: through.service ?? "git-upload-pack",
    cwd: folder,
    taskId: makeId("task", ulid()),
    signal: new AbortController().signal,
    timeoutMs: 10_000,
  });
}

describe("a passage to the git relay", () => {
  it("carries a fetch and a push, of more than fits into one buffer", async () => {
    const lines = Array.from({ length: 200_000 }, (_, index) => `${index * 7_919}`);
    commitElsewhere(folder, "big.txt", lines.join("\n"));
    const clone = join(folder, "clone");
    expect(await git((address) => ["clone", "--quiet", address, clone])).toMatchObject({ exitCode: 0, stderrTail: "" });
    commitElsewhere(folder, "bigger.txt", lines.toReversed().join("\n"));
    gitIn(clone, "fetch", "--quiet", join(folder, "source"), "main:more");
    const push = await git((address) => ["-C", clone, "push", "--quiet", address, "more:more"], {
      service: "git-receive-pack",
    });
    expect(push).toMatchObject({ exitCode: 0 });
    expect(gitIn(repository, "rev-parse", "more")).toBe(gitIn(clone, "rev-parse", "more"));
    gitIn(clone, "fsck", "--full");
    expect(relay.requests.map(({ service }) => service)).toEqual(["git-upload-pack", "git-receive-pack"]);
  });

  it("serves many at once", async () => {
    const listings = await Promise.all(Array.from({ length: 8 }, () => git((address) => ["ls-remote", address])));
    for (const { exitCode, stdout } of listings)
      expect([exitCode, stdout.includes("refs/heads/main")]).toEqual([0, true]);
  });

  it("fails with the relay's words where it refuses, and says that nobody answers where nobody does", async () => {
    const refused = await git((address) => ["ls-remote", address], { path: "/relay/not_attached" });
    expect(refused.exitCode).toBe(128);
    expect(refused.stderrTail).toContain("not_attached: as the test says");
    const alone = await git((address) => ["ls-remote", address], { socket: "nobody.sock" });
    expect(alone.exitCode).toBe(128);
    expect(alone.stderrTail).toMatch(/git relay: .*ENOENT/);
  });

  it("ends when the relay goes away in the middle", async () => {
    const listing = git((address) => ["ls-remote", address]);
    relay.stop();
    expect((await listing).exitCode).not.toBeNull();
  });
});
