/**
 * `kill -9` of the launcher, of workerd and of the VM agent, once in every step of the lifecycle, against the real system:
 * each task reaches the end that is right, never do two agents run for it at once, no process stays behind, and its
 * conversation has every message once.
 */
import { nonFinalSteps } from "@sam/domain/task-lifecycle";
import { describe, expect, it, vi } from "vitest";

import { AgentWatch } from "./support/agent-watch.ts";
import {
  expectDelivered,
  expectNeverTwoAtOnce,
  expectReceipt,
  expectRowChangesEqualTransitions,
  expectSelectedSoon,
  expectToHaveBeenIn,
  expectToldOnce,
  expectWholeConversation,
} from "./support/proofs.ts";
import { bootGate } from "./support/stage.ts";
import { scenes, startPlay } from "./support/step-scenes.ts";
import type { Victim } from "./support/system.ts";

vi.setConfig({ maxConcurrency: 3 });

const victims: readonly Victim[] = ["launcher", "workerd", "VM agent"];
const cases = nonFinalSteps.flatMap((step) => victims.map((victim) => ({ step, victim })));

describe.concurrent("kill -9", () => {
  it.for(cases)("of the $victim in $step", async ({ step, victim }, test) => {
    const scene = scenes[step];
    const play = await startPlay(test, { settings: scene.settings ?? {} });
    const { system } = play;
    const taskId = await scene.reach(play);
    const conversation = system.follow(taskId);
    const watch = new AgentWatch(system, taskId);
    test.onTestFinished(() => watch.stop());

    const killedAt = Date.now();
    // A node of plain processes has no VM agent before it runs.
    const hasOne = victim !== "VM agent" || step !== "node_provisioning" || (await system.isSandboxed());
    if (hasOne) {
      await system.until(`the ${victim} is there`, () => system.has(victim), { taskId });
      await system.kill9(victim);
    }
    if (victim === "launcher") {
      await system.untilNothingRemains();
      await system.up();
    }
    const releasedAt = Date.now();
    await scene.release(play, taskId);
    await system.explained(taskId, async () => {
      const task = await system.untilFinal(taskId);
      expect(task.step).toBe(scene.ends);
      await expectReceipt(system, taskId, scene.ends === "cancelled");
      expectToldOnce(await expectWholeConversation(system, conversation, taskId), task);
      await expectRowChangesEqualTransitions(system, taskId);
      await expectToHaveBeenIn(system, taskId, step, killedAt);
      if (step === "node_selection") await expectSelectedSoon(system, taskId, releasedAt);
      if (scene.ends === "completed") await expectDelivered(play, taskId);
      else expect(await play.repository.branches()).toEqual([]);
      expectNeverTwoAtOnce(system, watch);
    });

    expect((await system.down()).exitCode).toBe(0);
    await system.untilNothingRemains();
  });
});

describe("kill -9 of the launcher while a sandbox is being made", () => {
  it("leaves nothing of it behind", async (test) => {
    const play = await startPlay(test);
    const { system, repository } = play;
    if (await system.isSandboxed()) system.stage.holdSandbox();
    else system.stage.shut(bootGate);
    const { taskId } = await system.submit({
      prompt: "```sh\necho done >done.txt\n```",
      repository: { url: repository.path },
    });
    await system.untilStep(taskId, "node_agent_ready");
    await system.kill9("launcher");
    await system.untilNothingRemains();

    system.stage.openAll();
    await system.up();
    await system.explained(taskId, async () => {
      expect((await system.untilFinal(taskId)).step).toBe("completed");
    });
  });
});
