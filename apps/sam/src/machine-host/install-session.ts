/**
 * One install session: a server names an agent and is told how its installation goes, and last where it is or why it isn't.
 * A server that hangs up no longer waits for it.
 */
import type { Socket } from "node:net";

import { type InstallLine, type InstallRequest, installRequestSchema } from "@sam/protocol/agent-install";

import type { AgentInstaller } from "./agent-installer.ts";
import type { Session } from "./disk-socket.ts";
import { readFirstLine } from "./first-line.ts";

const requestTimeoutMs = 10_000;

export class InstallSession implements Session {
  readonly #connection: Socket;
  readonly #installer: AgentInstaller;

  constructor(connection: Socket, installer: AgentInstaller) {
    this.#connection = connection;
    this.#installer = installer;
    // Somebody who was killed; `close` follows.
    connection.on("error", () => undefined);
  }

  end(): void {
    this.#connection.destroy();
  }

  async serve(): Promise<void> {
    this.#connection.on("timeout", () => this.end());
    this.#connection.setTimeout(requestTimeoutMs);
    const line = await readFirstLine(this.#connection);
    if (line === null) return this.end();
    const request = parseRequest(line);
    this.#connection.setTimeout(0);
    if (request === null) this.#say(notARequest);
    else this.#say(await this.#install(request.agentId));
    this.#connection.end();
  }

  async #install(agentId: string): Promise<InstallLine> {
    const gone = new AbortController();
    this.#connection.once("close", () => gone.abort());
    this.#connection.once("end", () => this.end());
    this.#connection.resume();
    return await this.#installer.install(agentId, (bytes) => this.#say({ type: "progress", bytes }), gone.signal);
  }

  /** A line a second at most: what is not read yet is no burden. */
  #say(line: InstallLine): void {
    if (!this.#connection.destroyed) this.#connection.write(`${JSON.stringify(line)}\n`);
  }
}

const notARequest: InstallLine = {
  type: "failed",
  code: "unknown_agent",
  message: "The first line must be a request that names an agent.",
  retryable: false,
};

function parseRequest(line: string): InstallRequest | null {
  try {
    return installRequestSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
