/**
 * A laptop's lid, a paused container, a machine that swaps: workerd or the VM agent stands still for longer than the
 * other end waits for a sign of life, and then goes on. So does the task: no agent is started twice, nothing is said twice.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { heartbeatIntervalMs, missedHeartbeats } from "@sam/protocol/version";
import { describe, expect, it } from "vitest";

import { AgentWatch } from "../support/agent-watch.ts";
import {
  expectNeverTwoAtOnce,
  expectReceipt,
  expectRowChangesEqualTransitions,
  expectWholeConversation,
  toolOutputs,
} from "../support/proofs.ts";
import { type Play, startPlay } from "../support/step-scenes.ts";
import type { System } from "../support/system.ts";
import { testimony, witnessed } from "../support/witness.ts";

const silenceMs = heartbeatIntervalMs * missedHeartbeats;
/** The silence is noticed at a beat. */
const noticedMs = silenceMs + 2 * heartbeatIntervalMs;

const gate = "counting";

/** A task that counts, a line each, until its gate is open. */
async function reachCounting({ system, repository }: Play): Promise<string> {
  system.stage.shut(gate);
  const isShut = `[ -e '${system.stage.gatePath(gate)}' ]`;
  const work = `n=0\nwhile ${isShut}; do n=$((n + 1)); echo "count <$n>"; sleep 0.2; done\necho $n >counted.txt`;
  const prompt = `\`\`\`sh\n${witnessed("task", "only", work)}\n\`\`\``;
  const { taskId } = await system.submit({ prompt, repository: { url: repository.path } });
  await system.until("it counts", () => testimony(system, "task").includes("only begins"), { taskId });
  return taskId;
}

/** @returns what the VM agents have logged of that kind. */
function loggedFacts(system: System, fact: string): readonly string[] {
  const logs = system.nodeDisks().map((disk) => readFileSync(join(disk, "../console.log"), "utf8"));
  return logs.flatMap((text) => text.split("\n").filter((line) => line.includes(`"fact":"${fact}"`)));
}

/** It went on as if nothing had been: one agent, one count without a gap, one delivery. */
async function expectOneRun({ system, repository }: Play, taskId: string): Promise<void> {
  const task = await system.untilFinal(taskId);
  expect(task).toMatchObject({ step: "completed", failure: null });
  await expectReceipt(system, taskId, false);
  expect(testimony(system, "task")).toEqual(["only begins", "only ends"]);
  expect(repository.pushes(task.branch)).toBe(1);
  await expectRowChangesEqualTransitions(system, taskId);
}

describe.concurrent("longer than a heartbeat is waited for", () => {
  it.for(["workerd", "VM agent"] as const)("the %s stands still", async (victim, test) => {
    const play = await startPlay(test);
    const { system, repository } = play;
    const taskId = await reachCounting(play);
    const conversation = system.follow(taskId);
    const watch = new AgentWatch(system, taskId);
    test.onTestFinished(() => watch.stop());

    const frozenAt = Date.now();
    await system.freeze(victim);
    // The VM agent says so when it gives a connection up; while it is frozen itself, only the clock can tell.
    const isSilent = () =>
      victim === "workerd"
        ? loggedFacts(system, "connection_given_up").length > 0
        : Date.now() - frozenAt > silenceMs + 1_000;
    await system.until("the silence was noticed", isSilent, { timeoutMs: 2 * noticedMs });
    system.thaw();
    const lastBefore = conversation.messages.length;
    await system.until("the count goes on", () => conversation.messages.length > lastBefore, { taskId });
    system.stage.open(gate);

    await system.explained(taskId, async () => {
      await expectOneRun(play, taskId);
      const messages = await expectWholeConversation(system, conversation, taskId);
      const { branch } = await system.api.task(taskId);
      const counted = Number(await repository.read(branch, "counted.txt"));
      const shown = [
        ...toolOutputs(messages)
          .join("")
          .matchAll(/count <(\d+)>/g),
      ].map((match) => Number(match[1]));
      expect(shown).toEqual(Array.from({ length: counted }, (_, index) => index + 1));
      expectNeverTwoAtOnce(system, watch);
    });
    expect((await system.down()).exitCode).toBe(0);
    await system.untilNothingRemains();
  });
});
