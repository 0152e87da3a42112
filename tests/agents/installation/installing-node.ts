/**
 * What a VM agent does for a catalog's agent before it opens a session, as a program for the inside of a sandbox: it asks
 * for the installation, starts what it is told, and says hello to it. It writes one line of JSON.
 *
 *   node installing-node.mjs <agent>
 */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { readAgentSource } from "../../../apps/vm-agent/src/install/agent-source.ts";
import { ensureAgentInstalled } from "../../../apps/vm-agent/src/install/ensure-agent-installed.ts";

const [, , agentId = ""] = process.argv;
const disk = process.env["SAM_NODE_DISK"] ?? "";
const progress: number[] = [];
const startedMs = performance.now();

async function hello(command: readonly string[]): Promise<unknown> {
  const agent = spawn(command[0] ?? "", command.slice(1), { cwd: disk, stdio: ["pipe", "pipe", "inherit"] });
  const capabilities = { fs: { readTextFile: false, writeTextFile: false }, terminal: false };
  const params = { protocolVersion: 1, clientCapabilities: capabilities };
  agent.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  createInterface({ input: agent.stdout }).once("line", (line) => resolve(JSON.parse(line)));
  agent.once("exit", (code) => resolve({ exitCode: code }));
  const answer = await promise;
  agent.kill("SIGKILL");
  return answer;
}

try {
  const signal = AbortSignal.timeout(240_000);
  const source = readAgentSource(process.env, disk);
  const installed = await ensureAgentInstalled(source, agentId, (bytes) => progress.push(bytes), signal);
  const installMs = performance.now() - startedMs;
  console.log(JSON.stringify({ ...installed, progress, installMs, answer: await hello(installed.command) }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error), progress }));
}
process.exit(0);
