/**
 * A transcript without gaps: 10,000 messages of agents, through 500 connections that are cut, half of them between the VM
 * agents and the control plane and half between it and those who follow, arrive once each and in order: at the control
 * plane, and at everyone who followed. The moments are drawn from a seed; many lie in the middle of a frame.
 */
import { expect, it } from "vitest";

import { ApiClient } from "../../apps/sam/src/client/api-client.ts";
import { addTalkingAgent, startTalk } from "../browser/support/installation.ts";
import { agentTexts, Conversation, readMessages } from "./support/conversation.ts";
import { CuttingNetwork } from "./support/cutting-network.ts";
import { System } from "./support/system.ts";

/** Each a task on a node of its own, with one who follows it. */
const talks = ["first", "second"] as const;
const messagesEach = 5_000;
const cutsEachSide = 250;
const seed = Number(process.env["SAM_TEST_SEED"] ?? 4);

it("each of 10,000 messages arrives once and in order, through 500 cut connections", async (test) => {
  const system = await System.prepare(test, { settings: { tasksPerNode: 1, maxNodes: talks.length } });
  addTalkingAgent(system);
  const target = () => Number(new URL(system.launcher.url).port);
  const cutting = { target, cuts: cutsEachSide };
  const ofNodes = await CuttingNetwork.start(test, { ...cutting, seed });
  const ofFollowers = await CuttingNetwork.start(test, { ...cutting, seed: seed + 1 });
  system.stage.dialBy(ofNodes.url);
  await system.up();
  const client = new ApiClient(() => ({ ...system.api.locate(), url: ofFollowers.url }));

  const tasks = await Promise.all(
    talks.map((name) => startTalk(system, { name, lines: [`name ${name}`, `say ${messagesEach} 2`] })),
  );
  const followers = tasks.map(({ taskId }) => new Conversation(client, taskId));
  test.onTestFinished(async () => void (await Promise.all(followers.map((follower) => follower.stop()))));
  for (const { taskId } of tasks) await system.untilFinal(taskId, 100_000);
  const networks = [ofNodes, ofFollowers];
  const isCut = () => networks.every(({ cut }) => cut === cutsEachSide);
  await system.until("every cut was made", isCut, { timeoutMs: 60_000 });

  for (const [index, { taskId }] of tasks.entries()) {
    const messages = await readMessages(system.api, taskId);
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_message, place) => place + 1));
    const said = Array.from({ length: messagesEach }, (_, place) => `${talks[index] ?? ""} ${place + 1}\n\n`);
    expect(agentTexts(messages)).toEqual(said);
    const follower = followers[index];
    await system.until("who followed has the end", () => follower?.messages.at(-1)?.seq === messages.length);
    expect(follower?.error).toBeNull();
    expect(follower?.messages).toEqual(messages);
  }
  const inFrames = networks.reduce((sum, { cutInFrames }) => sum + cutInFrames, 0);
  expect(inFrames).toBeGreaterThan(100);
});
