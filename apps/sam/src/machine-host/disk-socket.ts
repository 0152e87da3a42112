/**
 * A disk socket is how a server asks something of this machine that it can't see or do by itself: a unix socket in the
 * server's disk, on which the machine host serves one session for each connection.
 */
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { basename, dirname } from "node:path";

import { messageOf } from "./errno.ts";

export interface Session {
  /** Serves the connection to its end. */
  serve(): Promise<void>;
  /** Ends at once, and with it what runs on its behalf. */
  end(): void;
}

export interface DiskSocketOptions {
  /** May be longer than the system allows for a socket's path. */
  readonly socket: string;
  /** For the log. */
  readonly name: string;
  readonly open: (connection: Socket) => Session;
  readonly log: (line: string) => void;
}

/** A machine's agents ask side by side; more than this is a loop gone wild. */
const maxSessions = 64;

export class DiskSocket {
  readonly #options: DiskSocketOptions;
  readonly #sessions = new Set<Session>();
  #listening: { readonly server: NetServer; readonly directoryFd: number } | null = null;

  constructor(options: DiskSocketOptions) {
    this.#options = options;
  }

  /**
   * Listens, unless it does already. A socket's path may have 107 bytes, a disk's may have more: the socket is bound
   * through the open directory, whose path is short.
   */
  async listen(): Promise<void> {
    if (this.#listening !== null) return;
    const { socket, name, log } = this.#options;
    // Whatever an agent put there is removed, and a link is not followed.
    rmSync(socket, { recursive: true, force: true });
    const directoryFd = openSync(dirname(socket), constants.O_RDONLY | constants.O_DIRECTORY);
    const server = createServer({ allowHalfOpen: true }, (connection) => this.#accept(connection));
    server.maxConnections = maxSessions;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(`/proc/self/fd/${directoryFd}/${basename(socket)}`, resolve);
      });
    } catch (error) {
      closeSync(directoryFd);
      throw error;
    }
    server.on("error", (error) => log(`${name}: ${messageOf(error)}`));
    this.#listening = { server, directoryFd };
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    for (const session of this.#sessions) session.end();
    if (this.#listening === null) return;
    const { server, directoryFd } = this.#listening;
    this.#listening = null;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    closeSync(directoryFd);
  }

  #accept(connection: Socket): void {
    const { name, open, log } = this.#options;
    const session = open(connection);
    this.#sessions.add(session);
    session
      .serve()
      .catch((error: unknown) => log(`${name}: ${messageOf(error)}`))
      .finally(() => this.#sessions.delete(session));
  }
}
