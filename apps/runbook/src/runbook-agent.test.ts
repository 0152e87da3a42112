import { mkdirSync, realpathSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { RequestError } from "@agentclientprotocol/sdk";
import { describe, expect, it } from "vitest";

import { MAX_BLOCK_BYTES, MAX_BLOCKS } from "./runbook.ts";
import { resultOf, RunbookClient, sh, temporaryFolder } from "./testing/runbook-client.ts";

describe("a request that cannot be met", () => {
  it.each([
    ["a relative directory", { cwd: "some/where", mcpServers: [] }, "cwd"],
    ["a directory that is not there", { cwd: "/no/such/directory", mcpServers: [] }, "cwd"],
    ["a file in place of a directory", { cwd: "/etc/hostname", mcpServers: [] }, "cwd"],
    [
      "an unknown permission",
      { cwd: "/", mcpServers: [], _meta: { "sam.dev/permission": "maybe" } },
      "_meta.sam.dev/permission",
    ],
  ])("refuses a session with %s and names the field", async (_name, params, field) => {
    const agent = await RunbookClient.start();
    await expectError(agent.request("session/new", params), -32602, { field });
  });

  it.each([
    ["session/load", { sessionId: "sess_00000000-0000-0000-0000-000000000000", cwd: "/", mcpServers: [] }],
    ["session/load", { sessionId: "../../etc/passwd", cwd: "/", mcpServers: [] }],
    ["session/prompt", { sessionId: "sess_nobody", prompt: [] }],
    ["session/set_mode", { sessionId: "sess_nobody", modeId: "run" }],
  ])("answers %s of an unknown session with 'not found' (%j)", async (method, params) => {
    const agent = await RunbookClient.start();
    await expectError(agent.request(method, params), -32002, { sessionId: params.sessionId });
  });

  it("refuses a mode that it does not have", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    await expectError(agent.request("session/set_mode", { sessionId: id, modeId: "fast" }), -32602, {
      field: "modeId",
    });
  });

  it("refuses a second prompt while the first is carried out, and the first goes on", async () => {
    const agent = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await agent.newSession(cwd);
    const first = agent.prompt(id, sh("echo waiting", "while [ ! -e go ]; do sleep 0.02; done", "echo went on"));
    await agent.untilOutput(id, "waiting");
    await expectError(agent.prompt(id, sh("echo second")), -32600, { field: "sessionId" });
    writeFileSync(join(cwd, "go"), "");
    expect(resultOf(await first)).toEqual({ blocks: 1, completed: 1 });
    expect(agent.calls(id).map((call) => call.output)).toEqual(["waiting\nwent on\n"]);
  });

  it("says that the session cannot be kept where the state folder cannot be made", async () => {
    const file = join(temporaryFolder(), "a-file");
    writeFileSync(file, "");
    const agent = await RunbookClient.start({ state: file });
    await expectError(agent.request("session/new", { cwd: "/", mcpServers: [] }), -32603, {
      details: expect.stringContaining(file),
    });
  });
});

describe("a prompt that is not run", () => {
  it.each([
    ["an unclosed fence", `${sh("touch ran")}\n\`\`\`sh\ntouch ran`, "line 5 is not closed", 1, "unclosed_fence"],
    [
      "an unclosed fence of another language",
      `${sh("touch ran")}\n\`\`\`json\n{}`,
      "line 5 is not closed",
      1,
      "unclosed_fence",
    ],
    ["a NUL byte", `${sh("touch ran")}\n${sh("touch ran", "echo \0")}`, "Line 7 has a NUL byte", 1, "nul_byte"],
    [
      "a block over the limit",
      `${sh("touch ran")}\n${sh("#".repeat(MAX_BLOCK_BYTES + 1))}`,
      "a block can be 120 KiB",
      1,
      "too_large",
    ],
    ["too many blocks", sh("touch ran").repeat(MAX_BLOCKS + 1), "a prompt can have 256", MAX_BLOCKS, "too_large"],
    ["a prompt over the limit", `${sh("touch ran")}${"x".repeat(1024 * 1024)}`, "larger than 1024 KiB", 0, "too_large"],
  ])("refuses %s as a whole, and names the place", async (_name, prompt, sentence, index, reason) => {
    const agent = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await agent.newSession(cwd);
    const response = await agent.prompt(id, prompt);
    expect(response.stopReason).toBe("end_turn");
    expect(resultOf(response)).toMatchObject({ completed: 0, failed: { index, exitCode: null, signal: null, reason } });
    expect(agent.messages(id).join("\n")).toContain(sentence);
    expect(agent.messages(id).join("\n")).toContain("Nothing was run");
    expect(agent.calls(id)).toEqual([]);
    // The directory is as empty as it was.
    rmdirSync(cwd);
    mkdirSync(cwd);
  });

  it("says of a prompt without blocks that there is nothing to run, and how to write one", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const response = await agent.prompt(id, "Please fix the tests.");
    expect(response.stopReason).toBe("end_turn");
    expect(resultOf(response)).toEqual({ blocks: 0, completed: 0 });
    expect(agent.messages(id)).toEqual([expect.stringMatching(/^There is nothing to run[\s\S]*```sh\nnpm test\n```/)]);
  });

  it("names the lines that look like a block and are none", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const response = await agent.prompt(id, `<!--\n${sh("exit 1")}-->\n\n${sh("echo yes")}`);
    expect(resultOf(response)).toEqual({ blocks: 1, completed: 1 });
    expect(agent.messages(id)[0]).toBe("Not taken as a block to run: line 2 (it is inside HTML or an HTML comment).");
  });

  it("does not run what is attached", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const resource = { uri: "file:///plan.md", text: sh("echo attached") };
    const prompt = [
      { type: "text", text: sh("echo typed") },
      { type: "resource", resource },
    ];
    await agent.request("session/prompt", { sessionId: id, prompt });
    expect(agent.calls(id).map((call) => call.output)).toEqual(["typed\n"]);
    expect(agent.messages(id)[0]).toContain("Attachments are not read");
  });
});

describe("a run", () => {
  it("stops at the first block that fails, and says which, how, and how many were not run", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const prompt = `${sh("echo one")}\n${sh("echo two", "(exit 3)", "echo not reached")}\n${sh("echo three")}`;
    const response = await agent.prompt(id, prompt);
    expect(response.stopReason).toBe("end_turn");
    const failed = { index: 1, exitCode: 3, signal: null, reason: "exit_code" };
    expect(resultOf(response)).toEqual({ blocks: 3, completed: 1, failed });
    expect(agent.calls(id)).toMatchObject([
      {
        title: "echo one",
        statuses: ["pending", "in_progress", "completed"],
        output: "one\n",
        rawOutput: { exitCode: 0 },
      },
      {
        title: "echo two",
        statuses: ["pending", "in_progress", "failed"],
        output: "two\n",
        rawOutput: { exitCode: 3 },
      },
    ]);
    expect(agent.plan(id)).toEqual(["completed", "pending", "pending"]);
    expect(agent.messages(id)).toEqual([
      expect.stringMatching(
        /^Block 2 of 3 \(echo two, line 5\) failed with exit code 3 after .* s\. 1 block after it was not run\./,
      ),
    ]);
  });

  it("reports a block that a signal ended as a failure without an exit code", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const response = await agent.prompt(id, sh("kill -9 $$"));
    const failed = { index: 0, exitCode: null, signal: "SIGKILL", reason: "signal" };
    expect(resultOf(response)).toEqual({ blocks: 1, completed: 0, failed });
    expect(agent.messages(id)[0]).toContain("was ended by SIGKILL");
  });

  it("reports a block that cannot be started, and keeps what came before", async () => {
    const agent = await RunbookClient.start();
    const cwd = join(temporaryFolder(), "inner");
    mkdirSync(cwd);
    const id = await agent.newSession(cwd);
    const response = await agent.prompt(id, `${sh('rmdir "$PWD"')}\n${sh("echo unreachable")}`);
    const failed = { index: 1, exitCode: null, signal: null, reason: "not_started" };
    expect(resultOf(response)).toEqual({ blocks: 2, completed: 1, failed });
    expect(agent.calls(id)[1]?.statuses).toEqual(["pending", "failed"]);
  });

  it("runs every block in the session's directory, tells the prose between, and counts them at the end", async () => {
    const agent = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await agent.newSession(cwd);
    const prompt = `First look.\n\n${sh("pwd")}\n1. Then write:\n\n   ~~~bash\n   echo here > file\n   ~~~\n\n${sh("cat file")}\nDone.`;
    const response = await agent.prompt(id, prompt);
    expect(response.stopReason).toBe("end_turn");
    expect(resultOf(response)).toEqual({ blocks: 3, completed: 3 });
    expect(agent.calls(id).map((call) => call.output)).toEqual([`${realpathSync(cwd)}\n`, "", "here\n"]);
    expect(agent.calls(id)[1]?.rawInput).toEqual({ command: "echo here > file" });
    expect(agent.calls(id)[1]?.rawOutput).toEqual({
      outcome: "completed",
      exitCode: 0,
      signal: null,
      durationMs: expect.any(Number),
    });
    expect(agent.plan(id)).toEqual(["completed", "completed", "completed"]);
    const messages = [
      "First look.",
      "1. Then write:",
      "Done.",
      expect.stringMatching(/^All 3 blocks ran and succeeded, in /),
    ];
    expect(agent.messages(id)).toEqual(messages);
  });

  it("reads Windows line ends", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const response = await agent.prompt(id, sh("echo a", "echo b").replaceAll("\n", "\r\n"));
    expect(resultOf(response)).toEqual({ blocks: 1, completed: 1 });
    expect(agent.calls(id)[0]).toMatchObject({ output: "a\nb\n", rawInput: { command: "echo a\necho b" } });
  });
});

describe("two sessions of one process", () => {
  it("run at once, each with its own blocks, output and messages", async () => {
    const agent = await RunbookClient.start();
    const folders = [temporaryFolder(), temporaryFolder()];
    const ids = await Promise.all(folders.map((folder) => agent.newSession(folder)));
    const [first = "", second = ""] = ids;
    // Each waits for the other: they end only if they run at once.
    const prompt = (own: string, other: string): string =>
      `I am ${own}.\n${sh(`echo ${own} > ../${own}; touch mine`, `i=0; while [ $i -lt 200 ]; do echo ${own}-$i; i=$((i+1)); done`)}\n` +
      sh(`while [ ! -e ../${other} ]; do sleep 0.02; done; rm ../${own}-done 2>/dev/null || true`, "ls");
    const [a, b] = [`a-${first}`, `b-${second}`];
    const responses = await Promise.all([agent.prompt(first, prompt(a, b)), agent.prompt(second, prompt(b, a))]);
    expect(responses.map(resultOf)).toEqual([
      { blocks: 2, completed: 2 },
      { blocks: 2, completed: 2 },
    ]);
    for (const [id, own, other] of [
      [first, a, b],
      [second, b, a],
    ] as const) {
      const shown = JSON.stringify(agent.updates.filter((one) => one.sessionId === id));
      expect(shown).toContain(`${own}-199`);
      expect(shown).not.toContain(`${other}-1`);
      expect(agent.messages(id)).toHaveLength(2);
      expect(agent.calls(id)[1]?.output).toBe("mine\n");
    }
  });
});

async function expectError(request: Promise<unknown>, code: number, data: Record<string, unknown>): Promise<void> {
  const error: unknown = await request.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({ code, data });
}
