/** The client of a machine host's install socket: one line of JSON asks; progress lines and a last line answer. */
import { createInterface } from "node:readline";

import {
  type InstalledLine,
  type InstallLine,
  installLineSchema,
  type InstallRequest,
} from "@sam/protocol/agent-install";

import { messageOf } from "../clipped-text.ts";
import { connectTo } from "../git/relay-client.ts";
import { InstallFailure, installFailure } from "./install-failure.ts";

/** More than the machine host takes for an installation: it is the one to say what took too long. */
const answerTimeoutMs = 27 * 60_000;

/** @throws InstallFailure; the signal's reason where it is aborted. */
export async function askMachineHost(
  socketPath: string,
  agentId: string,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<InstalledLine> {
  signal.throwIfAborted();
  const ending = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
  try {
    for await (const line of linesFrom(socketPath, { type: "install", agentId }, ending)) {
      if (line.type === "progress") onProgress(line.bytes);
      else if (line.type === "installed") return line;
      else throw new InstallFailure(line);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof InstallFailure) throw error;
    throw hungUp(messageOf(error), error);
  }
  signal.throwIfAborted();
  throw hungUp("it closed the connection", null);
}

async function* linesFrom(
  socketPath: string,
  request: InstallRequest,
  signal: AbortSignal,
): AsyncGenerator<InstallLine> {
  const socket = connectTo(socketPath);
  const errors: Error[] = [];
  const lines = createInterface({ input: socket });
  lines.on("error", () => undefined);
  socket.on("error", (error) => errors.push(error));
  // A reader of lines waits for an end, and a broken connection has none.
  socket.once("close", () => lines.close());
  const end = () => socket.destroy();
  signal.addEventListener("abort", end, { once: true });
  try {
    socket.write(`${JSON.stringify(request)}\n`);
    for await (const text of lines) yield installLineSchema.parse(JSON.parse(text));
    for (const error of errors) throw error;
  } finally {
    signal.removeEventListener("abort", end);
    socket.destroy();
  }
}

function hungUp(why: string, cause: unknown): InstallFailure {
  return installFailure("interrupted", `The machine host did not say how the installation ended (${why}).`, cause);
}
