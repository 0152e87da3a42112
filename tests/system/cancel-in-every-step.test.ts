/**
 * A cancel in every step of the lifecycle, against the real system: the task ends as cancelled with its full receipt,
 * nothing of it is left running or lying on a disk, its machine is free again, and a late success does not undo it.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { nonFinalSteps } from "@sam/domain/task-lifecycle";
import { describe, expect, it, vi } from "vitest";

import { AgentWatch } from "./support/agent-watch.ts";
import {
  expectNeverTwoAtOnce,
  expectReceipt,
  expectRowChangesEqualTransitions,
  expectToHaveBeenIn,
  expectToldOnce,
  expectWholeConversation,
} from "./support/proofs.ts";
import { type Play, scenes, startPlay } from "./support/step-scenes.ts";
import type { System } from "./support/system.ts";
import { testimony } from "./support/witness.ts";

vi.setConfig({ maxConcurrency: 3 });

/** Nothing of the task is alive, and nothing of it stands on a node but its agent's home, for whoever continues it. */
async function expectNothingLeft(system: System, taskId: string): Promise<void> {
  await system.until("no process of the task is left", () => system.belongings.ofTask(taskId).length === 0, { taskId });
  const ulid = taskId.slice("task_".length);
  const folders = system.nodeDisks().flatMap((disk) => ["workspaces", "vaults"].map((name) => join(disk, name)));
  const entries = folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder));
  expect(entries.filter((name) => name.includes(ulid))).toEqual([]);
}

/** The machine is warm or destroyed, and takes another task. */
async function expectMachineFree({ system, repository }: Play, taskId: string): Promise<void> {
  const { nodes } = await system.api.nodes();
  expect(nodes.filter(({ claims }) => claims.some((claim) => claim === taskId))).toEqual([]);
  const prompt = "```sh\necho next >next.txt\n```";
  const next = await system.submit({ prompt, repository: { url: repository.path } });
  expect((await system.untilFinal(next.taskId)).step).toBe("completed");
}

describe.concurrent("a cancel", () => {
  it.for(nonFinalSteps)("in %s", async (step, test) => {
    const scene = scenes[step];
    const play = await startPlay(test, { settings: scene.settings ?? {} });
    const { system, repository } = play;
    const taskId = await scene.reach(play);
    const watch = new AgentWatch(system, taskId);
    test.onTestFinished(() => watch.stop());

    const cancelledAt = Date.now();
    const cancelled = system.api.cancel(taskId);
    // Where the control plane itself is frozen, the cancel waits at its door.
    if (step === "node_selection") system.thaw();
    expect(["cancelling", "cancelled"]).toContain((await cancelled).step);
    const conversation = system.follow(taskId);
    await scene.release(play, taskId);

    await system.explained(taskId, async () => {
      const { step: end } = await system.untilFinal(taskId);
      expect(end).toBe("cancelled");
      const task = await expectReceipt(system, taskId, true);
      expect(task.receipt.map(({ proof }) => proof)).not.toContain("");
      await expectNothingLeft(system, taskId);
      await expectMachineFree(play, taskId);
      expect(await repository.branches()).not.toContain(task.branch);

      expectToldOnce(await expectWholeConversation(system, conversation, taskId), task);
      await expectRowChangesEqualTransitions(system, taskId);
      await expectToHaveBeenIn(system, taskId, step, cancelledAt);
      expectNeverTwoAtOnce(system, watch);
      expect((await system.api.task(taskId)).step).toBe("cancelled");
    });
    expect((await system.down()).exitCode).toBe(0);
    await system.untilNothingRemains();
  });
});

describe.concurrent("a cancel whose deadline passes while the VM agent is out of reach", () => {
  it.for(["running", "delivery"] as const)("is not undone by a late success in %s", async (step, test) => {
    const scene = scenes[step];
    const play = await startPlay(test, { settings: { cancellingMs: 1_000 } });
    const { system, repository } = play;
    const taskId = await scene.reach(play);
    const conversation = system.follow(taskId);

    await system.freeze("VM agent");
    await system.api.cancel(taskId);
    await system.explained(taskId, async () => {
      const before = await system.untilFinal(taskId);
      expect(before).toMatchObject({ step: "cancelled", receipt: [] });
      const unproven = /Not proven yet: .*processes_gone.*machine_released/;
      const isSaid = () => conversation.messages.some(({ body }) => body.kind === "note" && unproven.test(body.text));
      await system.until("what is unproven is said", isSaid, { taskId });

      await scene.release(play, taskId);
      const isDone =
        step === "running" ? () => testimony(system, "task").includes("third ends") : () => !isChecking(system, taskId);
      await system.until("the work is done behind the frozen VM agent", isDone, { taskId });
      system.thaw();

      const task = await expectReceipt(system, taskId, true);
      expect(task).toMatchObject({ step: "cancelled", version: before.version });
      await expectNothingLeft(system, taskId);
      await expectMachineFree(play, taskId);
      expect(await repository.branches()).not.toContain(task.branch);
      expectToldOnce(await expectWholeConversation(system, conversation, taskId), task);
      await expectRowChangesEqualTransitions(system, taskId);
    });
  });
});

function isChecking(system: System, taskId: string): boolean {
  return system.belongings.ofTask(taskId).some(({ command }) => command.some((word) => word.includes("check ends")));
}
