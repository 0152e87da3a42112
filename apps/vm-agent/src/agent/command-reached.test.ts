/** How far a reply of the user came on this node: onto the disk, and to the agent. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { buildBundles, type Bundles } from "../testing/bundles.ts";
import { World } from "../testing/world.ts";

let bundles: Bundles;
let world: World;

beforeAll(async () => {
  bundles = await buildBundles();
});
afterAll(() => bundles.remove());
afterEach(() => world.end());

/** What was said of a command, in its order. */
function reachedBy(taskId: Parameters<World["prompt"]>[0], commandId: string): string[] {
  return world.control
    .eventsOf(taskId, "command_reached")
    .flatMap((event) => (event.commandId === commandId ? [event.reached] : []));
}

describe("a reply of the user", () => {
  it("is said to be here once it is on the disk, and to be read once the agent was sent it; each once", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    const prompt = world.prompt(taskId, 1, { ask: "May I?" }, { say: "thank you" });
    const { requestId } = await control.event(taskId, "permission_requested");
    expect(reachedBy(taskId, prompt)).toEqual(["machine", "agent"]);
    const answer = control.command(taskId, { type: "answer", requestId, optionId: "yes" });
    control.command(taskId, { type: "answer", requestId, optionId: "yes" }, answer);
    await control.event(taskId, "turn_ended");
    expect(reachedBy(taskId, answer)).toEqual(["machine", "agent"]);
    const types = control.events(taskId).map(({ event }) => event.type);
    expect(types.lastIndexOf("command_reached")).toBeLessThan(types.indexOf("turn_ended"));
  });

  it("to a question that nobody asks is here, and read by nobody", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    const answer = control.command(taskId, { type: "answer", requestId: "p9-9", optionId: "yes" });
    const prompt = world.prompt(taskId, 1, { say: "hello" });
    await control.event(taskId, "turn_ended");
    expect(reachedBy(taskId, answer)).toEqual(["machine"]);
    expect(reachedBy(taskId, prompt)).toEqual(["machine", "agent"]);
  });

  it("that the agent does not take up is not said to be read", async () => {
    world = await World.make(bundles);
    const { control } = world;
    const taskId = await world.readyTask();
    const prompt = world.prompt(taskId, 1, { exit: 7 });
    await control.event(taskId, "agent_gone");
    expect(reachedBy(taskId, prompt)).toEqual(["machine"]);
  });
});
