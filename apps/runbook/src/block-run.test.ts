import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { HEAD_BYTES, TAIL_BYTES } from "./block-output.ts";
import {
  pidsWithArgument,
  resultOf,
  RunbookClient,
  sh,
  temporaryFolder,
  uniqueSeconds,
  until,
} from "./testing/runbook-client.ts";

describe("the output of a block", () => {
  it("costs no memory where it is huge, and says how much was left out", { timeout: 60_000 }, async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const beforeKb = residentPeakKb(agent.child.pid);
    const response = await agent.prompt(id, sh("echo first", "yes | head -c 1000000000", "echo last"));
    expect(resultOf(response)).toEqual({ blocks: 1, completed: 1 });
    const [call] = agent.calls(id);
    expect(call?.output.length).toBeLessThan(HEAD_BYTES + TAIL_BYTES + 100);
    expect(call?.output).toMatch(/^first\ny\ny\n/);
    expect(call?.output).toMatch(/y\nlast\n$/);
    const leftOut = 1_000_000_000 + "first\nlast\n".length - HEAD_BYTES - TAIL_BYTES;
    expect(call?.output).toContain(`… ${leftOut.toLocaleString("en-US")} bytes left out …`);
    // The peak of the whole run, not a look in between.
    expect(residentPeakKb(agent.child.pid) - beforeKb).toBeLessThan(50 * 1024);
  });

  it("shows the first byte at once and then at most twenty updates a second", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const response = await agent.prompt(
      id,
      sh("printf x", "sleep 0.3", "i=0; while [ $i -lt 60 ]; do echo $i; sleep 0.01; i=$((i+1)); done"),
    );
    expect(resultOf(response)).toEqual({ blocks: 1, completed: 1 });
    const shown = agent.updates.filter(
      ({ update }) => update.sessionUpdate === "tool_call_update" && (update.content?.length ?? 0) > 0,
    );
    const spanMs = (shown.at(-1)?.atMs ?? 0) - (shown[0]?.atMs ?? 0);
    // The first did not wait for the second's output, 300 ms later.
    expect((shown[1]?.atMs ?? 0) - (shown[0]?.atMs ?? 0)).toBeGreaterThan(200);
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.length).toBeLessThan(spanMs / 50 + 3);
  });

  it("is shown lossily where it is binary, and characters cut by the pipe are whole", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    await agent.prompt(id, sh("printf '\\342\\202'", "sleep 0.2", "printf '\\254 \\377\\000\\001 \\303'"));
    expect(agent.calls(id)[0]?.output).toBe("€ ��� �");
    const texts = agent.updates.flatMap(({ update }) =>
      update.sessionUpdate === "tool_call_update" ? (update.content ?? []) : [],
    );
    expect(JSON.stringify(texts[0])).toContain("€");
  });

  it("need not end with a line end", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    await agent.prompt(id, sh("printf 'no line end'"));
    expect(agent.calls(id)[0]?.output).toBe("no line end");
  });

  it("has stdout and stderr in the order of writing, also through /dev/stdout and /dev/stderr", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    const lines = [
      "echo 1",
      "echo 2 >&2",
      "echo 3 > /dev/stderr",
      "echo 4 | tee /dev/stderr > /dev/null",
      "echo 5 > /dev/stdout",
    ];
    const response = await agent.prompt(id, sh(...lines));
    expect(resultOf(response)).toEqual({ blocks: 1, completed: 1 });
    expect(agent.calls(id)[0]?.output).toBe("1\n2\n3\n4\n5\n");
  });
});

describe("the shell of a block", () => {
  it("has an empty stdin, no terminal and none of SAM's variables", async () => {
    const agent = await RunbookClient.start({ environment: { SAM_NODE_TOKEN: "secret", OTHER: "kept" } });
    const id = await agent.newSession(temporaryFolder());
    const response = await agent.prompt(id, sh("cat", "! tty -s", "! (: < /dev/tty) 2> /dev/null", "env"));
    expect(resultOf(response)).toEqual({ blocks: 1, completed: 1 });
    const output = agent.calls(id)[0]?.output;
    expect(output).toContain("OTHER=kept\n");
    expect(output).not.toMatch(/^SAM_/m);
    expect(output).not.toContain("secret");
  });

  it("stops at the first failing line, in bash also within a pipe", async () => {
    const agent = await RunbookClient.start();
    const id = await agent.newSession(temporaryFolder());
    expect(resultOf(await agent.prompt(id, sh("false | true", 'echo "$UNSET"', "false", "echo no")))).toMatchObject({
      failed: { exitCode: 1 },
    });
    const bash = "```bash\n[[ -n $BASH_VERSION ]] && echo bash\nfalse | true\necho no\n```";
    expect(resultOf(await agent.prompt(id, bash))).toMatchObject({ failed: { exitCode: 1 } });
    expect(agent.calls(id).map((call) => call.output)).toEqual(["\n", "bash\n"]);
  });

  it("is sh where a block asks for bash and there is none, and says so", async () => {
    const agent = await RunbookClient.start({ environment: { PATH: coreutilsOnly() } });
    const id = await agent.newSession(temporaryFolder());
    await agent.prompt(id, '```bash\n[ -n "$BASH_VERSION" ] || echo no bash\n```');
    expect(agent.calls(id)[0]?.output).toBe("no bash\n");
    expect(agent.messages(id)[0]).toBe("Block 1 asks for bash, which this machine does not have; it runs under sh.");
  });
});

describe("a block that leaves something running", () => {
  it("is over when its shell is; what it left is reported, can go on writing, and ends with the session", async () => {
    const agent = await RunbookClient.start();
    const cwd = temporaryFolder();
    const id = await agent.newSession(cwd);
    const seconds = uniqueSeconds();
    // A daemon in a session of its own that holds the output open and would die of a closed pipe.
    const daemon = `setsid sh -c 'while [ ! -e ask ]; do sleep 0.02; done; echo still here; touch answer; exec sleep ${seconds}' &`;
    const startedMs = performance.now();
    const first = await agent.prompt(id, sh(daemon, "echo started"));
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(agent.calls(id)[0]).toMatchObject({ output: "started\n", rawOutput: { exitCode: 0 } });
    expect(resultOf(first)).toMatchObject({
      completed: 1,
      leftRunning: expect.arrayContaining([expect.objectContaining({ command: "sh" })]),
    });
    expect(agent.messages(id)[0]).toMatch(/^Block 1 left \d processe?s? running: /);
    const second = await agent.prompt(id, sh("touch ask", "while [ ! -e answer ]; do sleep 0.02; done"));
    expect(resultOf(second)).toMatchObject({ blocks: 1, completed: 1 });
    await until("the daemon", () => pidsWithArgument(seconds).length === 1);
    await agent.request("session/close", { sessionId: id });
    expect(pidsWithArgument(seconds)).toEqual([]);
    expect(agent.messages(id).at(-1)).toMatch(/^Ended \d process/);
  });
});

/** A folder of PATH with what a block needs and no bash. */
function coreutilsOnly(): string {
  const folder = temporaryFolder();
  for (const name of ["mkfifo", "sh", "cat"]) {
    execFileSync("ln", [
      "-s",
      execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim(),
      folder,
    ]);
  }
  return folder;
}

function residentPeakKb(pid: number | undefined): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid ?? 0}/status`, "utf8"))?.[1]);
}
