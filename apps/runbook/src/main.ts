/**
 * The `runbook` command: an agent with no model that speaks the Agent Client Protocol on stdin and stdout. It ends with
 * its client (the end of stdin) or at SIGTERM, SIGINT or SIGHUP, and takes what its blocks started with it.
 */
import { constants } from "node:os";
import { Readable, Writable } from "node:stream";

import { ndJsonStream } from "@agentclientprotocol/sdk";

import { stampArrivals } from "./arrival-order.ts";
import { runbookAgent } from "./runbook-agent.ts";
import { stateFolder } from "./session-journal.ts";
import { SessionStore } from "./session-store.ts";

const store = new SessionStore(stateFolder(process.env));
let isEnding = false;

async function endWith(exitCode: number): Promise<void> {
  if (isEnding) {
    return;
  }
  isEnding = true;
  const receipts = await Promise.all(store.all().map((session) => session.end("interrupted")));
  for (const receipt of receipts) {
    if (receipt !== undefined) {
      console.error(`runbook: ${receipt}`);
    }
  }
  process.exit(exitCode);
}

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
  process.on(signal, () => void endWith(128 + constants.signals[signal]));
}
process.on("uncaughtException", (error) => {
  console.error("runbook: ending because of an error of its own:", error);
  void endWith(70);
});
// A client that is gone: the connection closes, which is how this process ends.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);

const stdio = ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin));
const connection = runbookAgent(store).connect(stampArrivals(stdio));
void connection.closed.then(() => endWith(0));
