/** A repository that cannot be used: the task fails with what to do, the repository is as it was, SAM goes on. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { FailureReason } from "@sam/domain/failure-reason";
import { describe, expect, it } from "vitest";

import { readMessages } from "../support/conversation.ts";
import { expectExit } from "../support/ends.ts";
import { expectRowChangesEqualTransitions } from "../support/proofs.ts";
import { git } from "../support/repository.ts";
import { taskOf } from "../support/run-result.ts";
import { type CommandEnd, type Finisher, sam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { refusingServer } from "./refusing-server.ts";

const system = shareSystem({ settings: { tasksPerNode: 4, maxNodes: 2 } });
const oneBlock = "Say it.\n\n```sh\necho said > said.txt\n```\n";

function run(test: Finisher, repo: string, ...args: readonly string[]): Promise<CommandEnd> {
  const { dataDirectory } = system();
  return sam(test, ["run", "--json", "--repo", repo, ...args, oneBlock], { dataDirectory });
}

/** The command failed, and the task says why, what was observed, and what to do. */
async function expectFailure(ended: CommandEnd, reason: FailureReason, ...evidence: readonly string[]) {
  expectExit(ended, 1);
  const task = taskOf(ended);
  expect(task).toMatchObject({ step: "failed", final: true, failure: { reason } });
  for (const text of evidence) expect(task.failure?.evidence).toContain(text);
  expect(task.failure?.whatToDo).not.toBe("");
  const messages = await readMessages(system().api, task.taskId);
  expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
  expect(messages.filter(({ body }) => body.kind === "failure")).toHaveLength(1);
  await expectRowChangesEqualTransitions(system(), task.taskId);
  return task;
}

/** @returns the text of the file as the nodes' mirrors have it saved, one a mirror that has it. */
async function savedText(url: string, taskId: string): Promise<readonly string[]> {
  const name = `${createHash("sha256").update(url).digest("hex").slice(0, 32)}.git`;
  const mirrors = system()
    .nodeDisks()
    .map((disk) => join(disk, "mirrors", name))
    .filter((path) => existsSync(path));
  return Promise.all(mirrors.map((mirror) => git(mirror, "show", `refs/sam/wip/${taskId}:said.txt`)));
}

describe.concurrent("a task fails, saying what to do, where the repository", () => {
  it("does not exist", async (test) => {
    const path = join(system().folder, "nowhere.git");
    await expectFailure(await run(test, path), "repository_not_found", path);
  });

  it("is a folder without a repository", async (test) => {
    const path = join(system().folder, "a folder");
    mkdirSync(path);
    writeFileSync(join(path, "notes.txt"), "mine\n");
    await expectFailure(await run(test, path), "repository_not_found", path);
  });

  it("does not exist on its server", async (test) => {
    const url = await refusingServer(test, 404);
    await expectFailure(await run(test, url), "repository_not_found", url);
  });

  it("asks for a password, without anybody being asked for one", async (test) => {
    const url = await refusingServer(test, 401);
    const task = await expectFailure(await run(test, url), "repository_auth_required", url, "401");
    expect(task.failure?.whatToDo).toContain("asks for a password");
  });

  it("has no commit yet", async (test) => {
    const path = join(system().folder, "empty.git");
    mkdirSync(path);
    await git(path, "init", "--bare", "--quiet");
    const task = await expectFailure(await run(test, path), "repository_empty");
    expect(task.failure?.whatToDo).toContain("Make a first commit");
    expect(await git(path, "for-each-ref")).toBe("");
  });

  it("has no such branch", async (test) => {
    const repository = await system().repository("no such branch");
    await expectFailure(await run(test, repository.path, "--branch", "release/9"), "branch_not_found", "release/9");
    expect(await repository.branches()).toEqual([]);
  });

  it("refuses the push: its own words are shown, and the work is kept", async (test) => {
    const repository = await system().repository("refuses");
    const hook = "#!/bin/sh\necho 'no branches of robots, please' >&2\nexit 1\n";
    writeFileSync(join(repository.path, "hooks/pre-receive"), hook, { mode: 0o755 });

    const task = await expectFailure(
      await run(test, repository.path),
      "push_rejected",
      "no branches of robots, please",
      `refs/sam/wip/`,
    );

    expect(task.verdicts).toMatchObject({
      ended: { holds: true },
      produced: { holds: true },
      pushed: { holds: false },
    });
    expect(await repository.branches()).toEqual([]);
    expect(await git(repository.path, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    expect(await savedText(repository.path, task.taskId)).toEqual(["said"]);
  });
});

it("runs the next task to its end on the same node", async (test) => {
  const repository = await system().repository("good");
  const ended = await run(test, repository.path);
  expectExit(ended, 0);
  const task = taskOf(ended);
  expect(await repository.read(task.branch, "said.txt")).toBe("said");
});
