/**
 * The relay server is how a server reaches the repositories that are attached to it, without seeing the file system that
 * they are in: it listens on a unix socket in the server's disk, and runs git's own programs on this side.
 */
import { closeSync, constants, openSync, rmSync } from "node:fs";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import { basename, dirname } from "node:path";

import { messageOf } from "./errno.ts";
import { RelaySession } from "./relay-session.ts";

export interface RelayServerOptions {
  /** May be longer than the system allows for a socket's path. */
  readonly socket: string;
  /** The paths attached to the server, at the moment of asking. */
  readonly attached: () => readonly string[];
  readonly hostTag: string;
  readonly log: (line: string) => void;
}

/** A machine's agents fetch side by side; more than this is a loop gone wild. */
const maxSessions = 64;

export class RelayServer {
  readonly #options: RelayServerOptions;
  readonly #sessions = new Set<RelaySession>();
  #listening: { readonly server: NetServer; readonly directoryFd: number } | null = null;

  constructor(options: RelayServerOptions) {
    this.#options = options;
  }

  /**
   * Listens, unless it does already. A socket's path may have 107 bytes, a disk's may have more: the socket is bound
   * through the open directory, whose path is short.
   */
  async listen(): Promise<void> {
    if (this.#listening !== null) return;
    const { socket } = this.#options;
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
    server.on("error", (error) => this.#options.log(`git relay: ${messageOf(error)}`));
    this.#listening = { server, directoryFd };
  }

  /** Ends all sessions, and with them the git processes that serve them. */
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
    const { attached, hostTag, log } = this.#options;
    const session = new RelaySession(connection, { attached, hostTag });
    this.#sessions.add(session);
    session
      .serve()
      .catch((error: unknown) => log(`git relay: ${messageOf(error)}`))
      .finally(() => this.#sessions.delete(session));
  }
}
