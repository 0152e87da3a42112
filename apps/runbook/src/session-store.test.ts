import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
  pidsWithArgument,
  resultOf,
  RunbookClient,
  sh,
  temporaryFolder,
  uniqueSeconds,
  until,
} from "./testing/runbook-client.ts";

/** Three blocks, of which the second waits for a file named `go`; each notes that it ran. */
function threeBlocks(seconds: string): string {
  return [
    "Start.",
    sh("echo 1 >> ran", "echo one"),
    sh("echo 2 >> ran", "echo waiting", `[ -e go ] || sleep ${seconds}`),
    sh("echo 3 >> ran", "cat ran"),
  ].join("\n");
}

/** A session whose agent was killed in the middle of the second block. */
async function killedInMidBlock(): Promise<{
  id: string;
  cwd: string;
  state: string;
  seconds: string;
  before: RunbookClient;
}> {
  const before = await RunbookClient.start();
  const cwd = temporaryFolder();
  const id = await before.newSession(cwd);
  const seconds = uniqueSeconds();
  const turn = before.prompt(id, threeBlocks(seconds)).catch(() => undefined);
  await before.untilOutput(id, "waiting");
  await until("the block's process", () => pidsWithArgument(seconds).length > 0);
  await before.kill();
  await turn;
  return { id, cwd, state: before.state, seconds, before };
}

describe("after kill -9 in mid-block", () => {
  it("a load ends the orphans, tells the history once, and shows the block as interrupted", async () => {
    const { id, cwd, state, seconds, before } = await killedInMidBlock();
    expect(pidsWithArgument(seconds)).toHaveLength(1);
    const agent = await RunbookClient.start({ state });
    await agent.load(id, cwd);
    expect(pidsWithArgument(seconds)).toEqual([]);
    expect(agent.updates.map(({ update }) => update.sessionUpdate)).toEqual([
      "user_message_chunk",
      "agent_message_chunk",
      "tool_call",
      "tool_call",
      "plan",
    ]);
    expect(agent.messages(id)).toEqual(["Start."]);
    expect(agent.calls(id)).toMatchObject([
      {
        id: before.calls(id)[0]?.id,
        output: "one\n",
        statuses: ["completed"],
        rawInput: { command: "echo 1 >> ran\necho one" },
      },
      { id: before.calls(id)[1]?.id, statuses: ["failed"], rawOutput: { outcome: "interrupted", exitCode: null } },
    ]);
    expect(agent.plan(id)).toEqual(["completed", "pending", "pending"]);
    const messageIds = [before, agent].map((one) =>
      one.updates.flatMap(({ update }) => (update.sessionUpdate === "agent_message_chunk" ? [update.messageId] : [])),
    );
    expect(messageIds[0]).toEqual(messageIds[1]);
  });

  it.each([
    ["the word continue", "continue", undefined],
    ["a resumption, whatever its text", "Go on, please.", { "sam.dev/resume": true }],
    ["a resumption with the same prompt", "SAME", { "sam.dev/resume": true }],
  ])("%s runs the interrupted block again from its beginning, and no completed one", async (_name, text, meta) => {
    const { id, cwd, state, seconds } = await killedInMidBlock();
    writeFileSync(join(cwd, "go"), "");
    const agent = await RunbookClient.start({ state });
    await agent.load(id, cwd);
    const replayed = agent.updates.length;
    const response = await agent.prompt(id, text === "SAME" ? threeBlocks(seconds) : text, meta);
    expect(response.stopReason).toBe("end_turn");
    expect(resultOf(response)).toEqual({ blocks: 3, completed: 3 });
    expect(readFileSync(join(cwd, "ran"), "utf8")).toBe("1\n2\n2\n3\n");
    expect(agent.messages(id).slice(1)).toEqual([
      expect.stringMatching(
        /^Running block 2 of 3 again from its beginning: it was interrupted after it had started at .* UTC\. 2 processes that it had left running were ended\. The block before it completed and is not run again\.$/,
      ),
      expect.stringMatching(/^The last 2 of 3 ran and succeeded, in /),
    ]);
    const later = agent.updates
      .slice(replayed)
      .flatMap(({ update }) => (update.sessionUpdate === "tool_call" ? [update.toolCallId] : []));
    expect(later).toEqual(["run-1-block-2-try-2", "run-1-block-3-try-1"]);
  });

  it("a second kill in the resumed block is survived as well", async () => {
    const { id, cwd, state, seconds } = await killedInMidBlock();
    const second = await RunbookClient.start({ state });
    await second.load(id, cwd);
    const turn = second.prompt(id, "continue").catch(() => undefined);
    await until("the second try", () =>
      second.calls(id).some((call) => call.id.endsWith("try-2") && call.output.includes("waiting")),
    );
    await second.kill();
    await turn;
    writeFileSync(join(cwd, "go"), "");
    const third = await RunbookClient.start({ state });
    await third.load(id, cwd);
    expect(pidsWithArgument(seconds)).toEqual([]);
    expect(third.calls(id).map((call) => call.id)).toEqual([
      "run-1-block-1-try-1",
      "run-1-block-2-try-1",
      "run-1-block-2-try-2",
    ]);
    expect(resultOf(await third.prompt(id, "continue"))).toEqual({ blocks: 3, completed: 3 });
    expect(readFileSync(join(cwd, "ran"), "utf8")).toBe("1\n2\n2\n2\n3\n");
  });

  it("another prompt is a run of its own", async () => {
    const { id, cwd, state } = await killedInMidBlock();
    const agent = await RunbookClient.start({ state });
    await agent.load(id, cwd);
    expect(resultOf(await agent.prompt(id, sh("echo new")))).toEqual({ blocks: 1, completed: 1 });
    expect(agent.calls(id).at(-1)).toMatchObject({ id: "run-2-block-1-try-1", output: "new\n" });
    expect(readFileSync(join(cwd, "ran"), "utf8")).toBe("1\n2\n");
  });
});

describe("a session that is loaded again", () => {
  it("by a successor of an agent that is about to end, waits for its last record", async () => {
    const first = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await first.newSession(cwd);
    // Deaf to SIGTERM: the first agent needs two seconds to end.
    const turn = first
      .prompt(id, sh("trap '' TERM", "echo waiting", "while :; do sleep 0.05; done"))
      .catch(() => undefined);
    await first.untilOutput(id, "waiting");
    first.child.kill("SIGTERM");
    const agent = await RunbookClient.start({ state: first.state });
    await agent.load(id, cwd);
    await Promise.all([first.exited, turn]);
    expect(agent.calls(id)).toMatchObject([{ output: "waiting\n", rawOutput: { outcome: "interrupted" } }]);
  });

  it("in the same process is told again, and goes on", async () => {
    const { agent, id, cwd } = await loadedAfter(sh("echo first"));
    const before = agent.messages(id).length;
    await agent.load(id, cwd);
    expect(agent.messages(id)).toHaveLength(2 * before);
    expect(resultOf(await agent.prompt(id, sh("echo second")))).toEqual({ blocks: 1, completed: 1 });
  });

  it.each([
    ["SIGTERM", (agent: RunbookClient) => agent.child.kill("SIGTERM")],
    ["the end of stdin", (agent: RunbookClient) => agent.child.stdin?.end()],
  ])("goes on after %s with the block that was interrupted, whose output was kept", async (_name, stop) => {
    const first = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await first.newSession(cwd);
    const turn = first.prompt(id, threeBlocks("600")).catch(() => undefined);
    await first.untilOutput(id, "waiting");
    stop(first);
    await Promise.all([first.exited, turn]);
    writeFileSync(join(cwd, "go"), "");
    const agent = await RunbookClient.start({ state: first.state });
    await agent.load(id, cwd);
    expect(agent.calls(id)[1]).toMatchObject({ output: "waiting\n", rawOutput: { outcome: "interrupted" } });
    expect(resultOf(await agent.prompt(id, "continue"))).toEqual({ blocks: 3, completed: 3 });
    expect(readFileSync(join(cwd, "ran"), "utf8")).toBe("1\n2\n2\n3\n");
  });

  it("runs nothing again where every block had completed, and answers the same", async () => {
    const { agent, id } = await loadedAfter(sh("echo x >> ran"));
    const response = await agent.prompt(id, "continue", { "sam.dev/resume": true });
    expect(resultOf(response)).toEqual({ blocks: 1, completed: 1 });
    expect(agent.messages(id).at(-1)).toBe("All 1 block of the last run had completed. Nothing was run again.");
    expect(agent.calls(id)).toHaveLength(1);
  });

  it("takes a resumption with a prompt that it never got as a new one", async () => {
    const { agent, id } = await loadedAfter(sh("echo first"));
    const response = await agent.prompt(id, sh("echo second"), { "sam.dev/resume": true });
    expect(resultOf(response)).toEqual({ blocks: 1, completed: 1 });
    expect(agent.calls(id).at(-1)?.output).toBe("second\n");
  });

  it("says that there is nothing to continue where nothing was run", async () => {
    const { agent, id } = await loadedAfter("no block here");
    expect(resultOf(await agent.prompt(id, "continue"))).toEqual({ blocks: 0, completed: 0 });
    expect(agent.messages(id).at(-1)).toMatch(/^There is nothing to continue/);
  });

  it("tries a failed block again", async () => {
    const { agent, id, cwd } = await loadedAfter(`${sh("echo 1 >> ran")}\n${sh("[ -e go ]")}\n${sh("cat ran")}`);
    writeFileSync(join(cwd, "go"), "");
    expect(resultOf(await agent.prompt(id, "continue"))).toEqual({ blocks: 3, completed: 3 });
    expect(agent.calls(id).at(-1)?.output).toBe("1\n");
  });

  it("is refused in another directory, and stays as it is", async () => {
    const { agent, id, cwd } = await loadedAfter(sh("echo first"));
    await agent.request("session/close", { sessionId: id });
    const other = temporaryFolder();
    await expect(agent.load(id, other)).rejects.toMatchObject({ code: -32602, data: { field: "cwd" } });
    await agent.load(id, cwd);
  });

  it("is refused while another process has it", async () => {
    const { agent, id, cwd } = await loadedAfter(sh("echo first"));
    const rival = await RunbookClient.start({ state: agent.state });
    await expect(rival.load(id, cwd)).rejects.toMatchObject({ code: -32600, data: { field: "sessionId" } });
    await agent.end();
    await rival.load(id, cwd);
    expect(rival.calls(id)).toHaveLength(1);
  });

  it("is refused while it carries out a prompt", async () => {
    const { agent, id, cwd } = await loadedAfter(sh("echo first"));
    const turn = agent.prompt(id, sh("echo waiting", "sleep 600"));
    await agent.untilOutput(id, "waiting");
    await expect(agent.load(id, cwd)).rejects.toMatchObject({ code: -32600 });
    await agent.cancel(id);
    await turn;
  });
});

describe("the journal of a session", () => {
  it("is for its owner's eyes", async () => {
    const { agent, id } = await loadedAfter(sh("echo secret"));
    const file = join(agent.state, "sessions", `${id}.jsonl`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(agent.state, "sessions")).mode & 0o777).toBe(0o700);
  });

  it("loses no more than a half-written last record", async () => {
    const { id, cwd, state } = await killedInMidBlock();
    const file = join(state, "sessions", `${id}.jsonl`);
    truncateSync(file, statSync(file).size - 5);
    writeFileSync(join(cwd, "go"), "");
    const agent = await RunbookClient.start({ state });
    await agent.load(id, cwd);
    // What was cut off is the start of the second block.
    expect(agent.calls(id)).toHaveLength(1);
    expect(resultOf(await agent.prompt(id, "continue"))).toEqual({ blocks: 3, completed: 3 });
    await agent.end();
    const again = await RunbookClient.start({ state });
    await again.load(id, cwd);
    expect(again.calls(id)).toHaveLength(3);
  });

  it("is left as it is where it cannot be understood", async () => {
    const { agent, id, cwd } = await loadedAfter(sh("echo first"));
    await agent.end();
    const file = join(agent.state, "sessions", `${id}.jsonl`);
    appendFileSync(file, '{"type":"from the future"}\n');
    const damaged = readFileSync(file, "utf8");
    const next = await RunbookClient.start({ state: agent.state });
    await expect(next.load(id, cwd)).rejects.toMatchObject({
      code: -32603,
      data: { details: expect.stringContaining("is not a record of a session") },
    });
    expect(readFileSync(file, "utf8")).toBe(damaged);
  });

  it("that can take no more stops the run, says so, keeps what it has, and goes on when there is room", async () => {
    // No file may grow over 16 KiB: the same to the agent as a full disk. (sh counts in blocks of 512 bytes.)
    const limited = await RunbookClient.start({ wrapper: 'ulimit -f 32; exec "$@"' });
    const cwd = temporaryFolder();
    const id = await limited.newSession(cwd);
    const flood = sh("echo 2 >> ran", "yes | head -c 20000");
    const response = await limited.prompt(id, `${sh("echo 1 >> ran")}\n${flood}\n${sh("echo 3 >> ran")}`);
    const failed = { index: 1, exitCode: null, signal: null, reason: "state_unwritable" };
    expect(resultOf(response)).toEqual({ blocks: 3, completed: 1, failed });
    expect(limited.messages(id).at(-1)).toContain("that could not be recorded in");
    expect(readFileSync(join(cwd, "ran"), "utf8")).toBe("1\n2\n");
    await limited.end();
    const agent = await RunbookClient.start({ state: limited.state });
    await agent.load(id, cwd);
    expect(resultOf(await agent.prompt(id, "continue"))).toEqual({ blocks: 3, completed: 3 });
    expect(readFileSync(join(cwd, "ran"), "utf8")).toBe("1\n2\n2\n3\n");
  });
});

/** A session of which `prompt` was carried out by one process, loaded in another. */
async function loadedAfter(prompt: string): Promise<{ agent: RunbookClient; id: string; cwd: string }> {
  const first = await RunbookClient.start();
  const cwd = temporaryFolder();
  const id = await first.newSession(cwd);
  await first.prompt(id, prompt);
  await first.end();
  const agent = await RunbookClient.start({ state: first.state });
  await agent.load(id, cwd);
  return { agent, id, cwd };
}
