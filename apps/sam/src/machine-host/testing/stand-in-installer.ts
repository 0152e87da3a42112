/**
 * A stand-in for the installer of agents, called as the real one: what it does is in the agent's name. It writes down each of
 * its starts beside the cache.
 *
 *   held     puts some bytes into the cache and waits for the file `go` beside it
 *   broken   can't be installed
 *   dies     is gone in the middle, with a child of its own that holds on
 *   garbles  writes what is no line of an installer
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [, , command = "", agentId = "", , cache = "", , recipes = ""] = process.argv;
const beside = `${cache}.stand-in`;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

function installed(): void {
  const folder = join(cache, `${agentId}@1.0.0`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "start.js"), "console.log('it runs')\n");
  say({ type: "installed", agentId, version: "1.0.0", folder, start: join(folder, "start.js"), runtime: "node" });
  process.exit(0);
}

process.on("SIGTERM", () => {
  appendFileSync(`${beside}.log`, "SIGTERM\n");
  say({ type: "failed", code: "interrupted", message: "asked to end", retryable: true });
  process.exit(1);
});

appendFileSync(
  `${beside}.log`,
  `${JSON.stringify({ command, agentId, recipes, env: process.env, pid: process.pid })}\n`,
);
switch (agentId) {
  case "broken":
    say({ type: "failed", code: "integrity_mismatch", message: "not what it should be", retryable: false });
    process.exit(1);
    break;
  case "dies": {
    const child = spawn("sh", ["-c", "trap '' TERM HUP; sleep 1000 & wait"], { stdio: "ignore", detached: true });
    child.once("spawn", () => {
      process.stderr.write("out of memory\n");
      process.kill(process.pid, "SIGKILL");
    });
    break;
  }
  case "garbles":
    process.stdout.write("npm notice\n");
    installed();
    break;
  default: {
    let bytes = 0;
    setInterval(() => {
      bytes += 1_000;
      say({ type: "progress", bytes });
      if (existsSync(`${beside}.go`)) installed();
    }, 50);
  }
}
