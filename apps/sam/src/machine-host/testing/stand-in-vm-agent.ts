/**
 * A stand-in for the VM agent: it records each of its boots on its disk, starts the kinds of processes that agents start,
 * and runs commands for a test. Its own imports are Node's, since a sandbox shows this one file.
 */
import { spawn, spawnSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const disk = process.env["SAM_NODE_DISK"] ?? "";

// What a process-group kill, a session kill and a polite signal would each miss.
const stubborn = { stdio: "ignore", detached: true } as const;
spawn("sh", ["-c", "trap '' TERM HUP; sleep 1000 & wait"], stubborn).unref();
spawn("setsid", ["sh", "-c", "setsid sleep 1000 & setsid sleep 1000 & wait"], stubborn).unref();

process.on("SIGTERM", () => {
  appendFileSync(join(disk, "events.log"), "SIGTERM\n");
  if (process.env["STAND_IN_IGNORES_SIGTERM"] === undefined) process.exit(0);
});

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on("end", () => {
    const { command, input } = JSON.parse(body) as { command: string[]; input?: string };
    const [program = "", ...args] = command;
    const run = spawnSync(program, args, {
      encoding: "utf8",
      timeout: 20_000,
      ...(input === undefined ? {} : { input }),
    });
    // A connection kept open may be closed by this side at the moment when a test sends on it.
    response.setHeader("connection", "close");
    response.end(JSON.stringify({ code: run.status, signal: run.signal, stdout: run.stdout, stderr: run.stderr }));
  });
});

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  console.log(`stand-in VM agent on ${port}`);
  appendFileSync(join(disk, "boots.jsonl"), `${JSON.stringify({ port, env: process.env, cwd: process.cwd() })}\n`);
});
