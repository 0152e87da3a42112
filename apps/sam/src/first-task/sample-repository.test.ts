import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { submitTaskSchema } from "@sam/protocol/task-api";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { locateDataDirectory, openDataDirectory } from "../data-directory/data-directory.ts";
import { drawFirstTask, firstTaskRequest, readFirstTask } from "./first-task.ts";
import { ensureSampleRepository } from "./sample-repository.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sam-sample-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function run(cwd: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd, encoding: "utf8" });
}

describe("the sample", () => {
  it("is a bare repository with the same commits everywhere, made once", async () => {
    const directory = openDataDirectory(locateDataDirectory(join(root, "data"), {}));
    const path = await ensureSampleRepository(directory);
    const log = run(path, "git", "log", "--format=%H %an %s", "main").trim().split("\n");
    expect(log).toHaveLength(3);
    expect(run(path, "git", "rev-parse", "--is-bare-repository").trim()).toBe("true");
    run(path, "git", "branch", "mine", "main");
    await ensureSampleRepository(directory);
    expect(run(path, "git", "rev-parse", "mine")).toBe(run(path, "git", "rev-parse", "main"));
    const other = openDataDirectory(locateDataDirectory(join(root, "other"), {}));
    expect(run(await ensureSampleRepository(other), "git", "rev-parse", "main")).toBe(
      run(path, "git", "rev-parse", "main"),
    );
  });

  it("passes its own test, and its first task's blocks do what they say", async () => {
    const directory = openDataDirectory(locateDataDirectory(join(root, "data"), {}));
    const path = await ensureSampleRepository(directory);
    run(root, "git", "clone", "--quiet", path, "work");
    const work = join(root, "work");
    expect(run(work, "sh", "test.sh")).toContain("ok    es: Buenos días");
    const request = firstTaskRequest(path);
    const blocks = [...request.prompt.matchAll(/```sh\n([^]*?)```/g)].map(([, block = ""]) => block);
    expect(blocks).toHaveLength(3);
    for (const block of blocks) run(work, "sh", "-e", "-c", block);
    expect(run(work, "sh", "-c", request.checkCommand ?? "false")).toContain("ok    fr: Bonjour");
    expect(run(work, "git", "status", "--short").trim().split("\n").toSorted()).toEqual(
      ["M greet.sh", " M languages.txt"].toSorted(),
    );
  });

  it("is asked for in a way that the API takes, under an id that is drawn once", () => {
    const directory = openDataDirectory(locateDataDirectory(join(root, "data"), {}));
    expect(submitTaskSchema.safeParse(firstTaskRequest("/x/sample.git")).success).toBe(true);
    expect(readFirstTask(directory)).toBeNull();
    const taskId = drawFirstTask(directory);
    expect(readFirstTask(directory)).toBe(taskId);
  });
});
