/** Repositories as they really are: odd paths, odd heads, odd files. Each gets its branch, and is otherwise as it was. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { type TaskId, makeId } from "@sam/domain/ids";
import { describe, expect, it } from "vitest";

import { expectEnded, expectExit, untilEnded } from "./support/ends.ts";
import { git, Repository } from "./support/repository.ts";
import { taskOf } from "./support/run-result.ts";
import { sam } from "./support/sam-command.ts";
import { shareSystem } from "./support/shared-system.ts";

const system = shareSystem({ settings: { tasksPerNode: 12, maxNodes: 1 } });
const oneBlock = "Say it.\n\n```sh\necho said > said.txt\n```\n";

/** Each makes a repository out of a plain bare one, and gives the path by which it is named. */
const odd: Readonly<Record<string, (repository: Repository) => Promise<string> | string>> = {
  "lies below a path with spaces, quotes and other letters": ({ path }) => path,
  "is named by a symbolic link": ({ path }) => {
    symlinkSync(path, `${path}.link`);
    return `${path}.link`;
  },
  "is named by a file URL": ({ path }) => new URL(`file://${path.split("/").map(encodeURIComponent).join("/")}`).href,
  "is a checkout on its own main branch": async ({ path }) => {
    await git(dirname(path), "clone", "--quiet", path, `${path}.checkout`);
    return `${path}.checkout`;
  },
  "is a checkout with a detached head, and changes in it": async ({ path }) => {
    const checkout = `${path}.checkout`;
    await git(dirname(path), "clone", "--quiet", path, checkout);
    await git(checkout, "checkout", "--quiet", "--detach");
    writeFileSync(join(checkout, "README.md"), "being written\n");
    return checkout;
  },
  "has another default branch": async ({ path }) => {
    await git(path, "branch", "--move", "main", "trunk");
    await git(path, "symbolic-ref", "HEAD", "refs/heads/trunk");
    return path;
  },
  "has a head that names no branch": async ({ path }) => {
    await git(path, "symbolic-ref", "HEAD", "refs/heads/gone");
    return path;
  },
  "asks for filters that this machine doesn't have": async ({ path }) => {
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 4\n";
    await commit(path, { ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n", "large.bin": pointer });
    return path;
  },
  "has names that only git likes": async ({ path }) => {
    await commit(path, { "-rf": "", "new\nline": "", "sp ace/ü\"'": "", "back\\slash": "", ".hidden/x": "" });
    return path;
  },
  "has hooks of its own": ({ path }) => {
    for (const hook of ["post-receive", "post-update", "update"]) {
      writeFileSync(join(path, "hooks", hook), "#!/bin/sh\necho 'a word of the hook' >&2\n", { mode: 0o755 });
    }
    return path;
  },
};

async function commit(path: string, files: Readonly<Record<string, string>>): Promise<void> {
  const checkout = `${path}.seed`;
  await git(dirname(path), "clone", "--quiet", path, checkout);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(checkout, name)), { recursive: true });
    writeFileSync(join(checkout, name), text);
  }
  await git(checkout, "add", "--all");
  await git(checkout, "commit", "--quiet", "--message", "Odd");
  await git(checkout, "push", "--quiet");
}

describe.concurrent("a repository that", () => {
  it.for(Object.keys(odd))("%s", async (name, test) => {
    const { dataDirectory } = system();
    const folder = join(system().folder, `it's ü "${Object.keys(odd).indexOf(name)}"`);
    mkdirSync(folder);
    const repository = await Repository.create(join(folder, "project.git"));
    const path = (await odd[name]?.(repository)) ?? "";
    const real = path.startsWith("file:") ? repository.path : path;
    const before = await git(real, "for-each-ref");
    const status = await statusOf(real);

    // Named as a person in the folder above would.
    const named = path.startsWith("/") ? `./${basename(folder)}/${basename(path)}` : path;
    const directory = system().folder;
    const words = ["run", "--json", "--repo", named, "--check", "test -s said.txt", oneBlock];
    const ended = await sam(test, words, { dataDirectory, directory });

    expectExit(ended, 0);
    const task = taskOf(ended);
    await expectEnded(system(), task, { step: "completed", verdicts: { checked: { outcome: "passed" } } });
    expect(await git(real, "show", `refs/heads/${task.branch}:said.txt`)).toBe("said");
    expect(task.verdicts.produced).toMatchObject({ commits: 1, files: 1 });
    const after = (await git(real, "for-each-ref")).split("\n").filter((line) => !line.endsWith(task.branch));
    expect(after.join("\n")).toBe(before);
    expect(await statusOf(real)).toBe(status);
  });
});

/** What a person has lying in their checkout. */
async function statusOf(path: string): Promise<string> {
  return readdirSync(path).includes(".git") ? git(path, "status", "--porcelain=v2", "--branch") : "bare";
}

describe.concurrent("a branch of the task's own name", () => {
  /** The name is drawn from the title and the task's id. */
  const branchOf = (taskId: TaskId) => `sam/say-it-${taskId.slice(-10).toLowerCase()}`;

  it("that is already there is not overwritten: the push is refused, and the work kept", async () => {
    const repository = await system().repository("taken");
    const taskId = makeId("task", "01J8ABCDEFGHJKMNPQRSTVWXYZ");
    await git(repository.path, "branch", branchOf(taskId), "main");
    const other = execFileSync("git", ["-C", repository.path, "commit-tree", "main^{tree}", "-m", "Another's"], {
      encoding: "utf8",
      env: {
        ...process.env,
        GIT_AUTHOR_NAME: "A",
        GIT_AUTHOR_EMAIL: "a@b",
        GIT_COMMITTER_NAME: "A",
        GIT_COMMITTER_EMAIL: "a@b",
      },
    }).trim();
    await git(repository.path, "update-ref", `refs/heads/${branchOf(taskId)}`, other);
    await system().api.submit({ prompt: oneBlock, repository: { url: repository.path } }, taskId);
    const task = await untilEnded(system(), taskId, { step: "failed", failure: { reason: "push_rejected" } });
    expect(task.branch).toBe(branchOf(taskId));
    expect(task.failure?.evidence).toContain("refs/sam/wip/");
    expect(await repository.head(task.branch)).toBe(other);
  });

  it("that cannot be made, since `sam` is a branch already, fails the push with git's words", async () => {
    const repository = await system().repository("in the way");
    await git(repository.path, "branch", "sam", "main");
    const { taskId } = await system().submit({ prompt: oneBlock, repository: { url: repository.path } });
    const task = await untilEnded(system(), taskId, { step: "failed", failure: { reason: "push_rejected" } });
    expect(task.failure?.evidence).toContain("refs/heads/sam");
    expect(await repository.branches()).toEqual(["sam"]);
  });
});
