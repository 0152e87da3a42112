/**
 * From the submission to the agent's process started and its session open, over `git clone` and the same agent spawned by
 * hand until its session is open. Counted to the open session on both sides, which both can see.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { makeRepository } from "./support/repository.ts";
import { percentile, type Figure } from "./support/statistics.ts";
import { checkout, type BenchSystem } from "./support/system.ts";

interface Transitions {
  readonly transitions: readonly { readonly to: string; readonly at: number }[];
}

export async function measureSubmitLatency(system: BenchSystem, runs: number): Promise<Figure[]> {
  const repository = makeRepository(200, 20);
  const sam: number[] = [];
  const hand: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const handMs = await byHand(repository);
    const samMs = await bySam(system, repository);
    if (run > 0) {
      sam.push(samMs);
      hand.push(handMs);
    }
  }
  return [0.5, 0.95, 0.99].map((fraction) => ({
    name: `submit to the agent's session open, 200 files, p${fraction * 100}`,
    measured: percentile(sam, fraction),
    baseline: percentile(hand, fraction),
    unit: "ms",
    baselineName: "git clone, spawn, session by hand",
    atMost: null,
    runs,
  }));
}

async function bySam(system: BenchSystem, repository: string): Promise<number> {
  const before = Date.now();
  const response = await system.call("/api/tasks", { prompt: "```sh\ntrue\n```", repository: { url: repository } });
  const { task } = (await response.json()) as { task: { taskId: string } };
  for (;;) {
    const { transitions } = (await (await system.call(`/api/tasks/${task.taskId}/transitions`)).json()) as Transitions;
    const running = transitions.find((transition) => transition.to === "running");
    const last = transitions.at(-1)?.to;
    if (running !== undefined && last === "completed") return running.at - before;
    if (last === "failed" || last === "cancelled") throw new Error(`${task.taskId} ${last}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}

async function byHand(repository: string): Promise<number> {
  const begun = performance.now();
  const folder = join(mkdtempSync(join(tmpdir(), "sam-bench-hand-")), "clone");
  const cloned = spawnSync("git", ["clone", "--quiet", repository, folder]);
  if (cloned.status !== 0) throw new Error("git clone failed");
  const agent = spawn(process.execPath, [join(checkout, "apps/runbook/dist/runbook.mjs")], {
    cwd: folder,
    env: { ...process.env, SAM_AGENT_STATE: `${folder}.state` },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const say = (id: number, method: string, params: object) =>
    agent.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  say(1, "initialize", { protocolVersion: 1, clientCapabilities: {} });
  for await (const line of createInterface(agent.stdout)) {
    const { id } = JSON.parse(line) as { id?: number };
    if (id === 1) say(2, "session/new", { cwd: folder, mcpServers: [] });
    if (id === 2) break;
  }
  const tookMs = performance.now() - begun;
  const ended = new Promise((done) => agent.once("exit", done));
  agent.kill();
  await ended;
  rmSync(folder, { recursive: true, force: true });
  return tookMs;
}
