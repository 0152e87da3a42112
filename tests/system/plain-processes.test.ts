/**
 * Without a sandbox a node is a plain process, and what an agent starts can leave its session, its parent and its
 * environment behind. It ends all the same: with its launcher, with its VM agent, and at a cancel.
 */
import { tmpdir } from "node:os";

import { describe, expect, it, vi } from "vitest";

import { inspectIsolation } from "../../apps/sam/src/machine-host/machine-host.ts";
import { AgentWatch } from "./support/agent-watch.ts";
import { type ProcessEntry, readProcessTable } from "./support/process-table.ts";
import {
  expectNeverTwoAtOnce,
  expectReceipt,
  expectRowChangesEqualTransitions,
  expectWholeConversation,
} from "./support/proofs.ts";
import { startPlay } from "./support/step-scenes.ts";
import type { System } from "./support/system.ts";
import { testimony, witnessed } from "./support/witness.ts";

vi.setConfig({ maxConcurrency: 3 });

/** The last word of a stray's command line, by which only this test finds it again. */
const strayMark = "stray-of-this-test";

/** Strays ignore SIGTERM, and their parents have ended. This one has a session of its own. */
const withoutParent = `(setsid sh -c 'trap "" TERM; while :; do sleep 1; done' "$HOME" ${strayMark} &)`;
/** This one kept nothing at all: no environment, no working directory, no open file. */
const withoutAnything = `(cd / && exec env -i setsid /bin/sh -c 'trap "" TERM; exec 9>&-; while :; do /bin/sleep 1; done' "$HOME" ${strayMark} </dev/null >/dev/null 2>&1 &)`;

/** Where there are no control groups, nobody can promise to find the second one once the VM agent is dead; SAM says so. */
const { limits } = await inspectIsolation({ dataDir: tmpdir(), isolation: "plain" });
const strays = limits.startsWith("cgroup") ? [withoutParent, withoutAnything] : [withoutParent];

function straysOf(system: System): readonly ProcessEntry[] {
  return readProcessTable().filter(
    ({ command }) => command.includes(strayMark) && command.some((word) => word.startsWith(system.dataDirectory)),
  );
}

/** A task whose block has left strays behind and waits at a gate. */
async function reachStrays(system: System, repositoryPath: string): Promise<string> {
  system.stage.shut("work");
  const work = `[ -e strays ] || { touch strays\n${strays.join("\n")}\n}\n${system.stage.wait("work")}\nrm strays\necho done >work.txt`;
  const prompt = `\`\`\`sh\n${witnessed("task", "only", work)}\n\`\`\``;
  const { taskId } = await system.submit({ prompt, repository: { url: repositoryPath } });
  await system.until("the strays are there", () => straysOf(system).length === strays.length, { taskId });
  await system.until("they have lost their parent", () => straysOf(system).every(({ parentPid }) => parentPid === 1));
  return taskId;
}

describe.concurrent("plain processes", () => {
  it.for(["launcher", "VM agent"] as const)("end with the %s, strays too", async (victim, test) => {
    const { system, repository } = await startPlay(test, { isolation: "plain" });
    const taskId = await reachStrays(system, repository.path);
    const conversation = system.follow(taskId);
    const watch = new AgentWatch(system, taskId);
    test.onTestFinished(() => watch.stop());
    const before = straysOf(system);

    await system.kill9(victim);
    await system.until("the strays are gone", () =>
      straysOf(system).every(({ pid }) => before.every((one) => one.pid !== pid)),
    );
    if (victim === "launcher") {
      await system.untilNothingRemains();
      await system.up();
    }
    system.stage.open("work");
    await system.explained(taskId, async () => {
      const task = await system.untilFinal(taskId);
      expect(task).toMatchObject({ step: "completed", failure: null });
      await expectReceipt(system, taskId, false);
      expect(await repository.changed(task.branch)).toEqual(["work.txt"]);
      expect(repository.pushes(task.branch)).toBe(1);
      await expectWholeConversation(system, conversation, taskId);
      await expectRowChangesEqualTransitions(system, taskId);
      expectNeverTwoAtOnce(system, watch);
      expect(testimony(system, "task").at(-1)).toBe("only ends");
    });
    expect((await system.down()).exitCode).toBe(0);
    await system.untilNothingRemains();
    expect(straysOf(system)).toEqual([]);
  });

  it("end at a cancel, strays too", async (test) => {
    const { system, repository } = await startPlay(test, { isolation: "plain" });
    const taskId = await reachStrays(system, repository.path);
    const ended = await system.sam("cancel", taskId, "--json");
    await system.explained(taskId, async () => {
      expect(ended.exitCode).toBe(0);
      await expectReceipt(system, taskId, true);
      expect(straysOf(system)).toEqual([]);
      expect(system.belongings.ofTask(taskId)).toEqual([]);
      expect((await system.api.task(taskId)).step).toBe("cancelled");
      expect(await repository.branches()).toEqual([]);
    });
  });

  it("end with `sam down`, strays too", async (test) => {
    const { system, repository } = await startPlay(test, { isolation: "plain" });
    const taskId = await reachStrays(system, repository.path);
    expect((await system.down()).exitCode).toBe(0);
    expect(straysOf(system)).toEqual([]);
    await system.untilNothingRemains();

    await system.up();
    system.stage.open("work");
    await system.explained(taskId, async () => {
      expect((await system.untilFinal(taskId)).step).toBe("completed");
    });
  });
});
