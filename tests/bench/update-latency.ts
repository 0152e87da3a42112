/** An update from agent to client, over a bare WebSocket echo through the same runtime. */
import { spawn } from "node:child_process";
import { join } from "node:path";

import { makeRepository } from "./support/repository.ts";
import { percentile, type Figure } from "./support/statistics.ts";
import { checkout, saidBy, type BenchSystem } from "./support/system.ts";

/** Each block says when it runs; the first output of a block is passed on at once. */
const block = '```sh\necho "at $(date +%s%N)"\n```\n';

export async function measureUpdateLatency(system: BenchSystem, updates: number): Promise<Figure[]> {
  const sam = await bySam(system, updates);
  const echo = await byEcho(updates);
  return [0.5, 0.99].map((fraction) => ({
    name: `an update from agent to client, p${fraction * 100}`,
    measured: percentile(sam, fraction),
    baseline: percentile(echo, fraction),
    unit: "ms",
    baselineName: "WebSocket echo through an empty Miniflare",
    atMost: null,
    runs: updates,
  }));
}

async function bySam(system: BenchSystem, updates: number): Promise<number[]> {
  const repository = makeRepository(10, 2);
  const response = await system.call("/api/tasks", { prompt: block.repeat(updates), repository: { url: repository } });
  const { task } = (await response.json()) as { task: { taskId: string } };
  const url = `${system.url.replace("http", "ws")}/api/tasks/${task.taskId}/stream?after=0`;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${system.token}` } });
  const seen = new Map<string, number>();
  return new Promise((done, fail) => {
    socket.onerror = () => {
      fail(new Error("the stream was cut"));
    };
    socket.onmessage = (event) => {
      const now = performance.timeOrigin + performance.now();
      const text = String(event.data);
      for (const [, at = ""] of text.matchAll(/at (\d{19})/g)) {
        if (!seen.has(at)) seen.set(at, now - Number(at) / 1e6);
      }
      if (text.includes('"to":"failed"')) fail(new Error(`the task failed: ${text.slice(0, 2_000)}`));
      if (!text.includes('"to":"completed"')) return;
      socket.close();
      done([...seen.values()]);
    };
  });
}

async function byEcho(messages: number): Promise<number[]> {
  const child = spawn(process.execPath, [join(checkout, "tests/bench/support/empty-miniflare.ts")], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await saidBy(child, "is ready on");
  const url = /is ready on (\S+)/.exec(said)?.[1] ?? "";
  const socket = new WebSocket(url.replace("http", "ws"));
  const tookMs: number[] = [];
  await new Promise<void>((done) => {
    let sentAt = 0;
    const send = () => {
      sentAt = performance.now();
      socket.send("x".repeat(200));
    };
    socket.onopen = send;
    socket.onmessage = () => {
      tookMs.push(performance.now() - sentAt);
      if (tookMs.length < messages) setTimeout(send, 5);
      else done();
    };
  });
  socket.close();
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGINT");
  await ended;
  return tookMs;
}
