/** The registry holds the servers of this machine host: those whose record is on disk, and no others. */
import { mkdirSync } from "node:fs";

import { ApiError } from "./api-error.ts";
import type { CreateServer } from "./api-requests.ts";
import { errnoOf, messageOf } from "./errno.ts";
import type { HostContext } from "./host-context.ts";
import type { DestructionProof } from "./server-clearing.ts";
import { createServerFiles, newServerId, readRecords, type ServerRecord, serverPaths } from "./server-record.ts";
import { Server } from "./server.ts";
import { isDoneWithin } from "./signal.ts";

interface Entry {
  readonly server: Server;
  /** Resolves when the server has been stopped or deleted; never rejects. */
  readonly ended: Promise<void>;
}

const keptProofs = 100;

export class ServerRegistry {
  readonly #context: HostContext;
  readonly #directory: string;
  readonly #maxServers: number;
  readonly #entries = new Map<string, Entry>();
  readonly #destroyed = new Map<string, DestructionProof>();

  constructor(context: HostContext, directory: string, maxServers: number) {
    this.#context = context;
    this.#directory = directory;
    this.#maxServers = maxServers;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** Boots every server that is on disk, and goes on deleting those whose deletion was asked for. */
  load(): void {
    const { records, unreadable } = readRecords(this.#directory);
    for (const { directory, why } of unreadable) {
      this.#context.log(`${directory} is left as it is: its record can't be read (${why})`);
    }
    for (const record of records) this.#run(record);
  }

  /** Oldest first. */
  list(): Server[] {
    const servers = [...this.#entries.values()].map((entry) => entry.server);
    return servers.toSorted((a, b) => a.record.createdAt - b.record.createdAt || (a.record.id < b.record.id ? -1 : 1));
  }

  /** @throws ApiError `not_found`, with the proof of its deletion where there was one. */
  get(id: string): Server {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry.server;
    const proof = this.#destroyed.get(id);
    if (proof === undefined) throw new ApiError("not_found", `there is no server ${id}`);
    const when = new Date(proof.destroyedAt).toISOString();
    const { killed } = proof.processes;
    throw new ApiError(
      "not_found",
      `${id} was destroyed at ${when}: ${killed} processes killed, none remains, disk removed`,
    );
  }

  /** The record is on disk before any process is started, and before this returns. */
  create(request: CreateServer): Server {
    const servers = this.list();
    if (servers.some((server) => server.record.name === request.name)) {
      throw new ApiError("uniqueness_error", `there is a server named ${request.name} already`, "name");
    }
    if (servers.length >= this.#maxServers) {
      throw new ApiError(
        "resource_limit_exceeded",
        `this machine has ${servers.length} servers; at most ${this.#maxServers}`,
      );
    }
    const { userData, ...asked } = request;
    const record: ServerRecord = {
      version: 1,
      id: newServerId(),
      ...asked,
      createdAt: Date.now(),
      wanted: "on",
      repositories: [],
      cgroups: [],
    };
    try {
      createServerFiles(serverPaths(this.#directory, record.id), record, userData);
    } catch (error) {
      if (errnoOf(error) === null) throw error;
      throw new ApiError("resource_unavailable", `no disk could be made: ${messageOf(error)}`, null, error);
    }
    return this.#run(record);
  }

  /** Asks every VM agent to end, then ends every process. @returns the ids of servers for which that isn't proven in time. */
  async stop(deadlineMs: number): Promise<string[]> {
    const entries = [...this.#entries];
    for (const [, { server }] of entries) server.stop();
    const unproven = new Set(entries.map(([id]) => id));
    await isDoneWithin(
      Promise.all(entries.map(([id, { ended }]) => ended.then(() => unproven.delete(id)))),
      deadlineMs,
    );
    return [...unproven];
  }

  #run(record: ServerRecord): Server {
    const server = new Server(this.#context, serverPaths(this.#directory, record.id), record);
    const ended = server.run().then(
      (proof) => {
        if (proof !== null) this.#forget(proof);
      },
      (error: unknown) => this.#context.log(`${record.id}: no longer supervised: ${messageOf(error)}`),
    );
    this.#entries.set(record.id, { server, ended });
    return server;
  }

  #forget(proof: DestructionProof): void {
    this.#entries.delete(proof.id);
    this.#destroyed.set(proof.id, proof);
    const [oldest] = this.#destroyed.keys();
    if (this.#destroyed.size > keptProofs && oldest !== undefined) this.#destroyed.delete(oldest);
  }
}
