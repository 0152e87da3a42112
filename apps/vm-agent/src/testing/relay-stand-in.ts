/** Stands in for the git relay: runs git's services on this machine's paths, and answers a probe. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const args = process.argv.slice(2);
const delayMs = Number(process.env["RELAY_DELAY_MS"] ?? 0);
if (delayMs > 0) spawnSync("sleep", [String(delayMs / 1000)]);
if (args[0] === "--probe") {
  const [, path = ""] = args;
  const status = existsSync(path) ? "ok" : path.replace("/relay/", "");
  process.stdout.write(`${JSON.stringify({ status })}\n`);
} else {
  // As ssh is called with the variant "simple": host, then one command line.
  const [host, command = ""] = args;
  const match = /^(git-upload-pack|git-receive-pack) '(.*)'$/.exec(command);
  if (host !== "sam-local" || match === null || !existsSync(match[2] ?? "")) process.exit(1);
  const { status } = spawnSync(match[1] ?? "", [match[2] ?? ""], { stdio: "inherit" });
  process.exit(status ?? 1);
}
