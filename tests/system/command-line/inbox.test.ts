/** `sam inbox`: what awaits its person, and the receipts of what they answer and say from a terminal. */
import { describe, expect, it } from "vitest";

import { expectExit, untilEnded } from "../support/ends.ts";
import { parseJsonLines } from "../support/json-lines.ts";
import { sam, startSam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { addStandIn } from "./talking-agent.ts";

const system = shareSystem({ settings: { tasksPerNode: 8, maxNodes: 1 }, prepare: addStandIn });

async function waits(name: string, prompt: string, mode: "task" | "conversation" = "task") {
  const { path: url } = await system().repository(name);
  const { taskId } = await system().submit({ prompt, repository: { url }, agentId: "stand-in", mode });
  await system().untilStep(taskId, "awaiting_input");
  return taskId;
}

describe.concurrent("the inbox", () => {
  it("lists what waits, for how long, at what cost, until when; and how to answer it", async (test) => {
    const [asks, talks] = [
      await waits("asks", "ask asks.txt hello"),
      await waits("talks", "write talks.txt hello", "conversation"),
    ];
    const shown = await sam(test, ["inbox"], system());
    expectExit(shown, 0);
    expect(shown.stdout).toMatch(/^\d+ tasks await you; the oldest for /);
    const [first = "", second = ""] = [asks, talks].map(
      (taskId) => shown.stdout.split("\n\n").find((part) => part.includes(taskId)) ?? "",
    );
    expect(first).toMatch(/waits {4}.* for an answer: Write asks\.txt \(edit\)/);
    expect(first).toMatch(/costs {4}nothing for local/);
    expect(first).toMatch(/limit {4}in 6 d 23 h: then it completes or fails by verdict/);
    expect(first).toContain(`Answer with: sam answer ${asks} <number>`);
    expect(second).toMatch(/for your words: its agent's turn is over/);
    expect(second).toContain(`sam deliver ${talks}`);
    const [document] = parseJsonLines((await sam(test, ["inbox", "--json"], system())).stdout);
    expect(document).toMatchObject({ items: expect.any(Array), total: expect.any(Number) });
  });

  it("is watched: what begins to wait is shown, and what was answered is gone", async (test) => {
    const watching = startSam(test, ["inbox", "--watch"], system());
    const taskId = await waits("watched", "ask watched.txt hello");
    await watching.untilPrinted("Write watched.txt (edit)");
    expectExit(await sam(test, ["answer", taskId, "no"], system()), 0);
    await untilEnded(system(), taskId, { step: "completed" });
    watching.signal("SIGINT");
    expectExit(await watching.end(), 130);
  });
});

describe.concurrent("the receipt", () => {
  it("of an answer is shown line by line, and stands in the JSON", async (test) => {
    const taskId = await waits("receipt", "ask receipt.txt hello");
    const given = await sam(test, ["answer", taskId, "1"], system());
    expectExit(given, 0);
    expect(given.stdout).toMatch(/✓ accepted\n.*✓ on the machine\n.*✓ read by the agent\n/);
    const other = await waits("receipt-json", "ask receipt.txt hello");
    const json = await sam(test, ["answer", other, "1", "--json"], system());
    const [document] = parseJsonLines(json.stdout);
    expect(document).toMatchObject({
      receipt: { acceptedAt: expect.any(Number), onMachineAt: expect.any(Number), readAt: expect.any(Number) },
    });
  });

  it("of words is shown, too, and is not waited for where nobody wants that", async (test) => {
    const taskId = await waits("words", "write one.txt one", "conversation");
    const said = await sam(test, ["say", taskId, "write two.txt two"], system());
    expectExit(said, 0);
    expect(said.stdout).toMatch(/Told\.[^]*✓ accepted\n.*✓ on the machine\n.*✓ read by the agent\n/);
    await system().untilStep(taskId, "awaiting_input");
    const hurried = await sam(test, ["say", taskId, "write three.txt three", "--no-wait"], system());
    expect(hurried.stdout).not.toContain("read by the agent");
  });
});
