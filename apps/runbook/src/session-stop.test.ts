import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { MAX_BLOCKS } from "./runbook.ts";
import {
  pidsWithArgument,
  resultOf,
  RunbookClient,
  sh,
  temporaryFolder,
  uniqueSeconds,
  until,
} from "./testing/runbook-client.ts";

/** A block that starts processes that are hard to find: other sessions, other groups, orphans, deaf ones. */
function stubbornBlock(seconds: string): string {
  return sh(
    `sleep ${seconds} &`,
    `setsid sleep ${seconds} &`,
    `(setsid sh -c 'sleep ${seconds} & exit' &)`,
    `env -i sleep ${seconds} &`,
    `sh -c 'trap "" TERM; while :; do sleep 0.05; done; : ${seconds}' deaf ${seconds} &`,
    "trap '' TERM",
    "echo all started",
    `sleep ${seconds}`,
    `sleep ${seconds}`,
  );
}

describe("a cancel", () => {
  it("in mid-block ends every process of the block, answers within three seconds, and no later block runs", async () => {
    const agent = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await agent.newSession(cwd);
    const seconds = uniqueSeconds();
    const turn = agent.prompt(id, `${sh("echo before")}\n${stubbornBlock(seconds)}\n${sh("touch after")}`);
    await agent.untilOutput(id, "all started");
    await until("all processes", () => pidsWithArgument(seconds).length >= 6);
    const startedMs = performance.now();
    await agent.cancel(id);
    const response = await turn;
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    expect(response.stopReason).toBe("cancelled");
    expect(resultOf(response)).toEqual({ blocks: 3, completed: 1 });
    expect(pidsWithArgument(seconds)).toEqual([]);
    expect(agent.calls(id)[1]).toMatchObject({
      statuses: ["pending", "in_progress", "failed"],
      output: expect.stringContaining("all started"),
      rawOutput: { outcome: "cancelled" },
    });
    expect(agent.calls(id)).toHaveLength(2);
    expect(agent.messages(id).at(-1)).toMatch(
      /^Cancelled in block 2 of 3 .* \d+ processes ended\. Nothing that this session started is left running\./,
    );
  });

  it("also ends what earlier blocks had left running", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const seconds = uniqueSeconds();
    const turn = agent.prompt(
      id,
      `${sh(`setsid sleep ${seconds} > /dev/null 2>&1 &`)}\n${sh("echo waiting", "sleep 600")}`,
    );
    await agent.untilOutput(id, "waiting");
    expect(pidsWithArgument(seconds)).toHaveLength(1);
    await agent.cancel(id);
    expect((await turn).stopReason).toBe("cancelled");
    expect(pidsWithArgument(seconds)).toEqual([]);
  });

  it("that follows its prompt at once is not lost", async () => {
    const agent = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await agent.newSession(cwd);
    const turn = agent.prompt(id, sh("sleep 600"));
    await agent.cancel(id);
    expect((await turn).stopReason).toBe("cancelled");
  });

  it("as $/cancel_request of the prompt does the same", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const seconds = uniqueSeconds();
    const turn = agent.prompt(id, sh("echo waiting", `sleep ${seconds}`));
    await agent.untilOutput(id, "waiting");
    // initialize, session/new, session/prompt: 0, 1, 2.
    await agent.notify("$/cancel_request", { requestId: 2 });
    expect((await turn).stopReason).toBe("cancelled");
    expect(pidsWithArgument(seconds)).toEqual([]);
  });

  it("without a turn changes nothing, and the next prompt runs", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    await agent.cancel(id);
    expect(resultOf(await agent.prompt(id, sh("echo runs")))).toEqual({ blocks: 1, completed: 1 });
  });

  it("of one session leaves the other's block running", async () => {
    const agent = await RunbookClient.start();
    const folder = temporaryFolder();
    const [first, second] = [await agent.newSession(temporaryFolder()), await agent.newSession(folder)];
    const turns = [
      agent.prompt(first, sh("echo waiting", "sleep 600")),
      agent.prompt(second, sh("echo waiting", "while [ ! -e go ]; do sleep 0.02; done", "echo went on")),
    ];
    await agent.untilOutput(first, "waiting");
    await agent.untilOutput(second, "waiting");
    await agent.cancel(first);
    expect((await turns[0])?.stopReason).toBe("cancelled");
    writeFileSync(join(folder, "go"), "");
    expect((await turns[1])?.stopReason).toBe("end_turn");
    expect(agent.calls(second)[0]?.output).toBe("waiting\nwent on\n");
  });

  it("can be taken back: continue runs the block again, and not the ones before it", async () => {
    const agent = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await agent.newSession(cwd);
    const turn = agent.prompt(
      id,
      `${sh("echo x >> first")}\n${sh("echo waiting", "[ -e go ] || sleep 600", "cat first")}`,
    );
    await agent.untilOutput(id, "waiting");
    await agent.cancel(id);
    await turn;
    writeFileSync(join(cwd, "go"), "");
    expect(resultOf(await agent.prompt(id, "continue"))).toEqual({ blocks: 2, completed: 2 });
    expect(agent.calls(id).map((call) => [call.id, call.output])).toEqual([
      ["run-1-block-1-try-1", ""],
      ["run-1-block-2-try-1", "waiting\n"],
      ["run-1-block-2-try-2", "waiting\nx\n"],
    ]);
  });
});

describe("the close of a session", () => {
  it("in mid-block cancels the prompt and leaves nothing running", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const seconds = uniqueSeconds();
    const turn = agent.prompt(id, sh("echo waiting", `sleep ${seconds}`));
    await agent.untilOutput(id, "waiting");
    await agent.request("session/close", { sessionId: id });
    expect((await turn).stopReason).toBe("cancelled");
    expect(pidsWithArgument(seconds)).toEqual([]);
    await expect(agent.prompt(id, sh("echo late"))).rejects.toMatchObject({ code: -32002 });
  });
});

describe("the end of the agent", () => {
  it.each([
    ["the end of stdin", 0, (agent: RunbookClient) => agent.child.stdin?.end()],
    ["SIGTERM", 143, (agent: RunbookClient) => agent.child.kill("SIGTERM")],
    ["SIGINT", 130, (agent: RunbookClient) => agent.child.kill("SIGINT")],
  ])("by %s takes the running block along within three seconds (exit code %i)", async (_name, exitCode, endIt) => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const seconds = uniqueSeconds();
    const turn = agent.prompt(id, stubbornBlock(seconds)).catch(() => undefined);
    await agent.untilOutput(id, "all started");
    await until("all processes", () => pidsWithArgument(seconds).length >= 6);
    const startedMs = performance.now();
    endIt(agent);
    const exit = await agent.exited;
    expect(performance.now() - startedMs).toBeLessThan(3_500);
    expect(exit.exitCode).toBe(exitCode);
    expect(pidsWithArgument(seconds)).toEqual([]);
    await turn;
  });

  it("comes with the first update that a client no longer takes", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const seconds = uniqueSeconds();
    const turn = agent
      .prompt(id, sh(`sleep ${seconds} &`, "while :; do echo tick; sleep 0.05; done"))
      .catch(() => undefined);
    await agent.untilOutput(id, "tick");
    agent.child.stdout?.destroy();
    expect((await agent.exited).exitCode).toBe(0);
    expect(pidsWithArgument(seconds)).toEqual([]);
    await turn;
  });

  it("names on stderr what earlier blocks had left running", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const seconds = uniqueSeconds();
    await agent.prompt(id, sh(`setsid sleep ${seconds} > /dev/null 2>&1 &`));
    agent.child.stdin?.end();
    const exit = await agent.exited;
    expect(exit.stderr).toMatch(/^runbook: Ended 1 process that the session had left running: sleep \(pid \d+\)\.$/m);
    expect(pidsWithArgument(seconds)).toEqual([]);
  });

  it("comes although the client has stopped reading and its pipe is full", async () => {
    const agent = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await agent.newSession(cwd);
    const seconds = uniqueSeconds();
    const ran = join(cwd, "ran");
    writeFileSync(ran, "");
    const block = sh(`: ${"long title ".repeat(20)}`, `setsid sleep ${seconds} > /dev/null 2>&1 &`, "echo >> ran");
    agent.stopReading();
    void agent.prompt(id, block.repeat(MAX_BLOCKS)).catch(() => undefined);
    // The agent goes no further than the pipe takes: it stands still, with blocks left to run.
    const lengths: number[] = [];
    await until("a standstill", () => lengths.push(statSync(ran).size) > 50 && lengths.at(-1) === lengths.at(-50));
    expect(lengths.at(-1)).toBeGreaterThan(0);
    expect(lengths.at(-1)).toBeLessThan(MAX_BLOCKS);
    agent.child.kill("SIGTERM");
    await until("its end", () => agent.child.exitCode !== null, 5_000);
    expect(agent.child.exitCode).toBe(143);
    expect(pidsWithArgument(seconds)).toEqual([]);
    agent.child.stdout?.destroy();
  });
});
