import { expect, it } from "vitest";

import { agentTexts, readMessages } from "./conversation.ts";
import { System } from "./system.ts";

const oneBlock = "Say it.\n\n```sh\necho said > said.txt\n```\n\nDone.\n";

it.for(["auto", "plain"] as const)("runs a task to its end and leaves nothing behind (%s)", async (isolation, test) => {
  const system = await System.start(test, { isolation });
  const repository = await system.repository();
  const { taskId } = await system.submit({ prompt: oneBlock, repository: { url: repository.path } });
  const conversation = system.follow(taskId);
  const task = await system.untilFinal(taskId);

  expect(task).toMatchObject({ step: "completed", verdicts: { pushed: { holds: true } } });
  expect(await repository.read(task.branch, "said.txt")).toBe("said");
  expect(repository.pushes(task.branch)).toBe(1);
  await system.until("the receipt is complete", async () => (await system.api.task(taskId)).receipt.length >= 4);
  const messages = await readMessages(system.api, taskId);
  await system.until("the live conversation has all", () => conversation.messages.length === messages.length, {
    taskId,
  });
  expect(conversation.messages).toEqual(messages);
  expect(agentTexts(messages).join("")).toContain("Say it.");
  const transitions = await system.api.transitions(taskId);
  expect(system.rowChanges(taskId)).toEqual(transitions.map(({ version, to }) => ({ version, step: to })));
  expect(system.node().vmAgent).not.toBeNull();
  const { isolation: inForce } = await system.api.system();
  expect(inForce?.processes).toBe(isolation === "auto" && (await system.isSandboxed()) ? "bubblewrap" : "plain");

  expect((await system.down()).exitCode).toBe(0);
  await system.untilNothingRemains();
});
