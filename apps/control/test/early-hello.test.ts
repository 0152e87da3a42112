/**
 * A VM agent that says hello before the reply to its server's create has come, or instead of it: the launcher may be
 * killed between the two. Its node finds its server all the same, and opens the task's repository to it.
 */
import { expect, it } from "vitest";

import { Scene, secondMs } from "./support/scene.ts";
import { VmAgentDouble } from "./support/vm-agent-double.ts";
import { double, eventually } from "./support/world.ts";

it("opens the repository to a server whose id is not known yet, and learns the id when the create is repeated", async () => {
  const scene = await Scene.open({ loseCreateReplies: 1 });
  const taskId = await scene.submit();
  const nodeId = await scene.nodeOf(taskId);
  const isMade = (servers: readonly unknown[]) => servers.length === 1;
  const [server] = await eventually("the server", async () => (await double.state()).servers, isMade);

  const agent = await VmAgentDouble.boot(nodeId);
  expect(await scene.nodeIn(nodeId, "ready")).toMatchObject({ serverId: null });
  expect(await agent.command(taskId, "create_workspace")).toMatchObject({ repository: { url: "/srv/project.git" } });
  expect((await double.state()).attached).toEqual([{ serverId: server?.id, path: "/srv/project.git" }]);

  await scene.pass(30 * secondMs, nodeId);
  expect(await scene.node(nodeId)).toMatchObject({ state: "ready", serverId: server?.id });
  expect((await double.state()).creates).toBe(1);
});
