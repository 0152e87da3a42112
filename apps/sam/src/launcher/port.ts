/** The port on 127.0.0.1: the one that was asked for, or else the first free one. */
import { createServer } from "node:net";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { errorCode, readFileIfThere, replaceFile } from "../data-directory/files.ts";
import { UsageError } from "../exit-code.ts";

export const defaultPort = 8787;
const triedPorts = 100;

/** @returns whether a server of ours can listen there at this moment. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const code = errorCode(error);
      if (code === "EADDRINUSE" || code === "EACCES") resolve(false);
      else reject(error);
    });
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Which ports to try, in their order: last time's first, so that bookmarks and nodes find SAM where it was. */
export function portsToTry(lastPort: number | null): readonly number[] {
  const usual = Array.from({ length: triedPorts }, (_, index) => defaultPort + index);
  return lastPort === null ? usual : [lastPort, ...usual.filter((port) => port !== lastPort)];
}

export interface ChosenPort {
  readonly port: number;
  /** The port that was wanted and that another program has; null where the wanted one was had. */
  readonly insteadOf: number | null;
}

/**
 * @param explicit the port that a person named; it is taken or refused, never replaced.
 * Throws a UsageError where no port can be had.
 */
export async function choosePort(
  directory: DataDirectory,
  explicit: number | null,
  free: (port: number) => Promise<boolean> = isFree,
): Promise<ChosenPort> {
  if (explicit !== null) {
    if (await free(explicit)) return { port: explicit, insteadOf: null };
    throw new UsageError(
      `Port ${explicit} on 127.0.0.1 is in use by another program. Nothing was started. Choose another --port, or ` +
        `leave it out: SAM then takes the next free one.`,
    );
  }
  const ports = portsToTry(readLastPort(directory));
  const [wanted] = ports;
  for (const port of ports) {
    if (await free(port)) return { port, insteadOf: port === wanted ? null : (wanted ?? null) };
  }
  throw new UsageError(
    `The ports ${defaultPort} to ${defaultPort + triedPorts - 1} on 127.0.0.1 are all in use. Nothing was started. Name a free one with --port.`,
  );
}

export function readLastPort(directory: DataDirectory): number | null {
  const port = Number(readFileIfThere(directory.lastPort)?.trim());
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null;
}

export function rememberPort(directory: DataDirectory, port: number): void {
  if (readLastPort(directory) !== port) replaceFile(directory.lastPort, `${port}\n`);
}
