/** Where the system of a data directory is to be reached, and with which token. */
import type { DataDirectory } from "../data-directory/data-directory.ts";
import { readRunRecord, readToken } from "../data-directory/run-record.ts";
import { CommandError } from "../exit-code.ts";

export interface Endpoint {
  readonly url: string;
  readonly token: string;
}

/** Asked anew for each request: a restart may change the port, and every start changes the token. */
export type Locate = () => Endpoint;

export class NotRunning extends CommandError {
  constructor(directory: DataDirectory) {
    super(`SAM is not running for ${directory.path}. Its tasks are kept and go on when it starts: sam up`);
  }
}

/** @returns a way to find the running system. It throws NotRunning where there is none. */
export function locateSystem(directory: DataDirectory): Locate {
  return () => {
    const record = readRunRecord(directory);
    const token = readToken(directory);
    if (record === null || token === null) throw new NotRunning(directory);
    return { url: record.url, token };
  };
}
