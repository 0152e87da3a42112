import { describe, expect, it } from "vitest";

import { runCommand, type CommandRequest } from "./run-command.ts";

function run(script: string, more: Partial<CommandRequest> = {}) {
  return runCommand({
    command: ["/bin/sh", "-c", script],
    cwd: "/",
    env: { PATH: process.env["PATH"] ?? "" },
    timeoutMs: 10_000,
    signal: new AbortController().signal,
    ...more,
  });
}

describe("a command", () => {
  it("that can't be started is an outcome", async () => {
    expect(await run("", { command: ["/nonexistent/program"] })).toMatchObject({ exitCode: null, signal: null });
  });

  it("past its deadline is ended with everything in its group", async () => {
    const outcome = await run("sleep 300 & sleep 300", { timeoutMs: 100 });
    expect(outcome).toMatchObject({ timedOut: true, signal: "SIGTERM" });
    expect(outcome.durationMs).toBeLessThan(5_000);
  });

  it("that ignores the first signal is killed by the second", async () => {
    expect(await run("trap '' TERM; while :; do sleep 0.1; done", { timeoutMs: 100 })).toMatchObject({
      signal: "SIGKILL",
    });
  });

  it("whose abort comes rejects with its reason, once it has ended", async () => {
    const abort = new AbortController();
    const running = run("sleep 300", { signal: abort.signal });
    abort.abort(new Error("not needed any more"));
    await expect(running).rejects.toThrow("not needed any more");
  });

  it("does not wait for what it leaves behind holding its output", async () => {
    const outcome = await run("setsid sleep 5 & echo done");
    expect(outcome).toMatchObject({ exitCode: 0 });
    expect(outcome.stdout.toString()).toBe("done\n");
    expect(outcome.durationMs).toBeLessThan(4_000);
  });

  it("keeps the end of a long output, whole characters only", async () => {
    const outcome = await run("yes é | head -c 100001 >&2", { stderrTailBytes: 100 });
    expect(outcome.stderrTail.length).toBeLessThanOrEqual(100);
    expect(outcome.stderrTail).toMatch(/^[é\n�]+$/);
  });

  it("that does not read its input does no harm", async () => {
    expect(await run("exit 4", { input: "x".repeat(1_000_000) })).toMatchObject({ exitCode: 4 });
  });
});
