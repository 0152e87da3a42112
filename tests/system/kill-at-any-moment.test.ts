/**
 * `kill -9` again and again, at moments that nobody chose: whenever the conversations have moved on a little, one of the
 * three is killed. A seed draws whom and when; the machine has its part in it, so a seed says where to look, no more.
 */
import { describe, expect, it, vi } from "vitest";

import { AgentWatch } from "./support/agent-watch.ts";
import type { Conversation } from "./support/conversation.ts";
import {
  expectNeverTwoAtOnce,
  expectReceipt,
  expectRowChangesEqualTransitions,
  expectWholeConversation,
} from "./support/proofs.ts";
import type { Repository } from "./support/repository.ts";
import { startPlay } from "./support/step-scenes.ts";
import type { System, Victim } from "./support/system.ts";
import { retriesOf, triesIn } from "./support/tries.ts";
import { witnessed } from "./support/witness.ts";

vi.setConfig({ maxConcurrency: 3 });

const kills = 5;
const victims: readonly Victim[] = ["launcher", "workerd", "VM agent"];

/** Mulberry32. @returns a function that draws a whole number below its argument. */
function drawFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface Worked {
  readonly name: string;
  readonly taskId: string;
  readonly conversation: Conversation;
  readonly watch: AgentWatch;
}

async function submitWork(system: System, repository: Repository, name: string): Promise<Worked> {
  const blocks = [1, 2, 3].map((part) => witnessed(name, `block ${part}`, `sleep 0.3\necho done >${name}-${part}.txt`));
  const prompt = blocks.map((block) => `\`\`\`sh\n${block}\n\`\`\`\n`).join("\n");
  const { taskId } = await system.submit({ prompt, repository: { url: repository.path }, checkCommand: "sleep 0.2" });
  return { name, taskId, conversation: system.follow(taskId), watch: new AgentWatch(system, taskId) };
}

/** Kills one of them once the conversations have moved on by so many messages, or stand still at their end. */
async function killAfter(system: System, works: readonly Worked[], messages: number, victim: Victim): Promise<void> {
  const heard = () => works.reduce((sum, { conversation }) => sum + conversation.messages.length, 0);
  const enough = heard() + messages;
  const isOver = () => works.every(({ conversation }) => conversation.task?.final === true);
  await system.until("the conversations move on", () => heard() >= enough || isOver(), { timeoutMs: 60_000 });
  if (!system.has(victim)) return;
  await system.kill9(victim);
  if (victim !== "launcher") return;
  await system.untilNothingRemains();
  await system.up();
}

/** The work was done and pushed once, or the agent was killed in mid-turn more often than it is started again. */
async function expectRightEnd(system: System, repository: Repository, { taskId, name }: Worked): Promise<void> {
  const { step, failure, branch } = await system.untilFinal(taskId, 90_000);
  if (step === "completed") {
    const files = [1, 2, 3].map((part) => `${name}-${part}.txt`);
    expect(await repository.changed(branch)).toEqual(files);
    expect(repository.pushes(branch)).toBe(1);
  } else {
    expect({ step, reason: failure?.reason }).toEqual({ step: "failed", reason: "agent_exited" });
  }
}

describe.concurrent("killed again and again", () => {
  it.for([
    { seed: 17, isolation: "auto" },
    { seed: 20, isolation: "auto" },
    { seed: 39, isolation: "plain" },
  ] as const)("three tasks end rightly (seed $seed, $isolation)", async ({ seed, isolation }, test) => {
    const { system, repository } = await startPlay(test, { isolation, settings: { tasksPerNode: 2, maxNodes: 2 } });
    const works = await Promise.all(["one", "two", "three"].map((name) => submitWork(system, repository, name)));
    test.onTestFinished(() => works.forEach(({ watch }) => watch.stop()));
    const draw = drawFrom(seed);
    for (let kill = 0; kill < kills; kill += 1) {
      await killAfter(system, works, 1 + draw(12), victims[draw(victims.length)] ?? "launcher");
    }

    for (const work of works) {
      const { taskId, conversation, watch, name } = work;
      await system.explained(taskId, async () => {
        await expectRightEnd(system, repository, work);
        await expectReceipt(system, taskId, false);
        await expectWholeConversation(system, conversation, taskId);
        await expectRowChangesEqualTransitions(system, taskId);
        expectNeverTwoAtOnce(system, watch, name, retriesOf(triesIn(conversation.messages)));
      });
    }
    const areFree = async () => (await system.api.nodes()).nodes.every(({ claims }) => claims.length === 0);
    await system.until("every slot is free again", areFree);
    expect((await system.down()).exitCode).toBe(0);
    await system.untilNothingRemains();
  });
});
