/** Removing processes: real ones, of the kinds that a group kill misses. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";

import { describe, expect, it, vi } from "vitest";

import { removeProcesses } from "./process-removal.ts";
import { findProcesses, type ProcessTag } from "./process-table.ts";
import { until } from "./testing/test-host.ts";

vi.setConfig({ testTimeout: 60_000 });

function tagged(script: string): ProcessTag {
  const value = `srv_${randomUUID()}`;
  const env = { ...process.env, SAM_SERVER_ID: value };
  spawn("sh", ["-c", script], { env, stdio: "ignore", detached: true }).unref();
  return { variable: "SAM_SERVER_ID", value, match: "exact" };
}

describe("removing processes", () => {
  it("proves at once that there were none", async () => {
    const tag: ProcessTag = { variable: "SAM_SERVER_ID", value: "srv_none", match: "exact" };
    expect(await removeProcesses({ tag, deadlineMs: 1_000 })).toMatchObject({ killed: 0, remaining: [] });
  });

  it("leaves alone what carries another tag, also one that begins alike", async () => {
    const tag = tagged("exec sleep 1000");
    await until("it is up", () => findProcesses(tag).length === 1);
    const shorter: ProcessTag = { ...tag, value: tag.value.slice(0, -1) };
    expect((await removeProcesses({ tag: shorter, deadlineMs: 1_000 })).killed).toBe(0);
    expect(findProcesses(tag)).toHaveLength(1);
    expect((await removeProcesses({ tag, deadlineMs: 5_000 })).killed).toBe(1);
  });

  it("reaches other sessions, stopped processes, deaf ones, and children with a clean environment", async () => {
    const tag = tagged("trap '' TERM; setsid sleep 1000 & env -i sleep 1000 & sleep 1000 & kill -STOP $!; wait");
    await until("all are up", () => findProcesses(tag).length === 4);
    expect(await removeProcesses({ tag, deadlineMs: 5_000 })).toMatchObject({ killed: 4, remaining: [] });
    expect(findProcesses(tag)).toEqual([]);
  });

  it("outruns processes that fork all the time", async () => {
    const tag = tagged("while :; do sh -c 'sleep 0.05; setsid sleep 0.2' & sleep 0.01; done");
    await until("it has many children", () => findProcesses(tag).length > 8);
    expect((await removeProcesses({ tag, deadlineMs: 10_000 })).remaining).toEqual([]);
    expect(findProcesses(tag)).toEqual([]);
  });
});
