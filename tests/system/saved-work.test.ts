/**
 * Nothing is lost, against the real system: what a cancelled task had not pushed is saved, at the remote or on its node,
 * which then stays; the next thing that is said brings it back; and once it is delivered, its ref goes.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { savedWorkListSchema } from "@sam/protocol/saved-work-api";
import type { TaskView } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";

import { expectRowChangesEqualTransitions } from "./support/proofs.ts";
import { git, type Repository } from "./support/repository.ts";
import { System } from "./support/system.ts";

const gate = "work";

/** A task that has written a file and not committed it, cancelled in the middle. */
async function cancelledAtWork(system: System, repository: Repository): Promise<TaskView> {
  system.stage.shut(gate);
  const prompt = `\`\`\`sh\nmkdir -p new; echo kept >new/file.txt; echo more >>README.md\n\`\`\`\n\n\`\`\`sh\n${system.stage.wait(gate)}\n\`\`\``;
  const { taskId } = await system.submit({ prompt, repository: { url: repository.path } });
  await system.until("the file is there", () => system.nodeDisks().some((disk) => hasFile(disk)), { taskId });
  await system.api.cancel(taskId);
  system.stage.open(gate);
  await system.untilFinal(taskId);
  return await system.until(
    "its work is saved",
    async () => {
      const task = await system.api.task(taskId);
      return task.savedWork === null ? null : task;
    },
    { taskId },
  );
}

function hasFile(disk: string): boolean {
  const workspaces = join(disk, "workspaces");
  return (
    existsSync(workspaces) &&
    readdirSync(workspaces, { recursive: true }).some((name) => String(name).endsWith("new/file.txt"))
  );
}

function wip(repository: Repository, taskId: string): Promise<string> {
  return git(repository.path, "for-each-ref", "--format=%(objectname)", `refs/sam/wip/${taskId}`);
}

function refuseWip(repository: Repository): void {
  const hook = join(repository.path, "hooks/update");
  mkdirSync(join(repository.path, "hooks"), { recursive: true });
  writeFileSync(hook, '#!/bin/sh\ncase "$1" in refs/sam/*) exit 1;; esac\n');
  chmodSync(hook, 0o755);
}

/** Says something more. @returns the task that continues this one, ended. */
async function continued(system: System, task: TaskView, block: string): Promise<TaskView> {
  const next = await system.api.say(task.taskId, { prompt: `\`\`\`sh\n${block}\n\`\`\`` });
  const { step, failure } = await system.untilFinal(next.taskId);
  expect({ step, failure }).toEqual({ step: "completed", failure: null });
  return await system.api.task(next.taskId);
}

describe.concurrent("work that was not pushed when its task was cancelled", () => {
  it("is at the remote, is listed, comes back uncommitted, and its ref goes once it is delivered", async (test) => {
    const system = await System.start(test, { settings: { savedWorkKeptMs: 1 } });
    const repository = await system.repository();
    const task = await cancelledAtWork(system, repository);
    expect(task.savedWork).toMatchObject({ place: "remote", files: 2, uncommittedFiles: 2, isKept: true });
    expect(await wip(repository, task.taskId)).toBe(task.savedWork?.commit);
    const listed = savedWorkListSchema.parse(JSON.parse((await system.sam("saved", "--json")).output));
    expect(listed.works.map(({ taskId }) => taskId)).toEqual([task.taskId]);
    await expectRowChangesEqualTransitions(system, task.taskId);

    const next = await continued(system, task, "git status --porcelain --untracked-files=all >seen.txt");
    expect(next.broughtBack).toEqual({ taskId: task.taskId, commit: task.savedWork?.commit });
    expect(await repository.read(next.branch, "seen.txt")).toBe("M README.md\n?? new/file.txt\n?? seen.txt");
    expect(await repository.read(next.branch, "new/file.txt")).toBe("kept");
    await system.until("its ref is gone", async () => (await wip(repository, task.taskId)) === "");
    await system.until(
      "that is known",
      async () => (await system.api.task(task.taskId)).savedWork?.place === "removed",
    );
  });

  it("stays on its node where the remote refuses it, and the node with it, until it is delivered", async (test) => {
    const settings = { warmMs: 1_000 };
    const system = await System.start(test, { settings, timings: { saveRetryMs: 3_600_000 } });
    const repository = await system.repository();
    refuseWip(repository);
    const task = await cancelledAtWork(system, repository);
    expect(task.savedWork).toMatchObject({ place: "mirror", whyNotPushed: expect.stringContaining("refused") });
    const kept = await system.until("the node says that it is kept", async () => {
      const { nodes } = await system.api.nodes();
      return nodes.find((node) => node.kept !== null && node.holds.some(({ taskId }) => taskId === task.taskId));
    });
    expect(kept).toMatchObject({ state: "warm", claims: [] });
    const refused = await system.sam("nodes", "--destroy", kept.nodeId, "--yes");
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toContain(`saved work of ${task.taskId}`);

    const next = await continued(system, task, "cat new/file.txt >seen.txt");
    expect(next).toMatchObject({ broughtBack: { taskId: task.taskId } });
    expect(await repository.read(next.branch, "seen.txt")).toBe("kept");

    await system.until("the node has nothing to keep any more, and goes", async () => {
      const { nodes } = await system.api.nodes();
      return nodes.every(({ nodeId, final }) => nodeId !== kept.nodeId || final);
    });
  });
});

describe.concurrent("a cancel that can't be proven", () => {
  it("is ended by force from the command line, once what is lost was named", async (test) => {
    const system = await System.start(test);
    const repository = await system.repository();
    const prompt = "```sh\necho lost >lost.txt\nsleep 1000\n```";
    const { taskId } = await system.submit({ prompt, repository: { url: repository.path } });
    await system.untilStep(taskId, "running");
    await system.freeze("VM agent");
    const asked = await system.sam("cancel", taskId, "--force");
    expect(asked.exitCode).toBe(2);
    expect(asked.output).toMatch(
      /is destroyed with its disk\..*Not proven, and not waited for: .*processes gone.*--yes/s,
    );
    expect((await system.api.task(taskId)).step).toBe("cancelling");
    expect((await system.sam("cancel", taskId, "--force", "--yes")).exitCode).toBe(0);
    expect((await system.api.task(taskId)).step).toBe("cancelled");
    await system.until("its machine is destroyed", async () => (await system.api.task(taskId)).unproven.length === 1);
    expect((await system.api.task(taskId)).unproven).toEqual(["workspace_saved"]);
    const again = await system.sam("cancel", taskId, "--force", "--yes");
    expect(again.output).toMatch(/work saved +nobody has proven it/);
    await expectRowChangesEqualTransitions(system, taskId);
  });
});
