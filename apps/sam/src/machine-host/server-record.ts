/**
 * The record of a server is what a machine host must know of it after a power cut: what was asked for, and which cgroups
 * its processes were put into. A server exists if and only if its record does.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { ulid } from "ulid";
import { z } from "zod";

import { writeFileAtomically } from "./atomic-file.ts";
import { errnoOf, messageOf, nullOn } from "./errno.ts";
import { holdsUnsavedWork } from "./unsaved-work.ts";

declare const brand: unique symbol;
export type ServerId = string & { readonly [brand]: "server" };

export const serverIdSchema = z.custom<ServerId>(
  (value) => typeof value === "string" && /^srv_[0-9A-Z]{26}$/.test(value),
  {
    error: "must be srv_ and 26 characters",
  },
);

export function newServerId(): ServerId {
  return serverIdSchema.parse(`srv_${ulid()}`);
}

const recordSchema = z.object({
  version: z.literal(1),
  id: serverIdSchema,
  name: z.string(),
  machineType: z.string(),
  location: z.string(),
  labels: z.record(z.string(), z.string()),
  /** Milliseconds since 1970. */
  createdAt: z.number().int(),
  /** `deleted` once its deletion was asked for: it is never booted again. */
  wanted: z.enum(["on", "deleted"]),
  /** Repositories of this machine that it may use, as absolute paths. */
  repositories: z.array(z.string()),
  /** The cgroups of the current boot or the last one. */
  cgroups: z.array(z.string()),
});

export type ServerRecord = z.infer<typeof recordSchema>;

/** Where a server keeps what, below the machine host's directory. */
export interface ServerPaths {
  readonly directory: string;
  readonly record: string;
  /** The only directory that the server itself may write. */
  readonly disk: string;
  readonly home: string;
  readonly userData: string;
  readonly relaySocket: string;
  readonly installSocket: string;
  readonly console: string;
}

export function serverPaths(serversDirectory: string, id: ServerId): ServerPaths {
  const directory = join(serversDirectory, id);
  const disk = join(directory, "disk");
  return {
    directory,
    record: join(directory, "server.json"),
    disk,
    home: join(disk, "home"),
    userData: join(disk, "user-data.json"),
    relaySocket: join(disk, "relay.sock"),
    installSocket: join(disk, "install.sock"),
    console: join(directory, "console.log"),
  };
}

/** Makes the server's directories and its user data, and last its record: only then does the server exist. */
export function createServerFiles(paths: ServerPaths, record: ServerRecord, userData: string): void {
  try {
    mkdirSync(paths.home, { recursive: true, mode: 0o700 });
    // The only write of the machine host into the disk, made before any process of the server can place a link there.
    writeFileAtomically(paths.userData, userData, 0o600);
    writeRecord(paths, record);
  } catch (error) {
    rmSync(paths.directory, { recursive: true, force: true });
    throw error;
  }
}

export function writeRecord(paths: ServerPaths, record: ServerRecord): void {
  writeFileAtomically(paths.record, `${JSON.stringify(record, null, 2)}\n`, 0o600);
}

/** What stands in the servers' directory: good records, and directories of which nothing can be said. */
export interface StoredServers {
  readonly records: readonly ServerRecord[];
  readonly unreadable: readonly { readonly directory: string; readonly why: string }[];
}

/**
 * Reads all records. A bad one stops none of the others and is left as it is; a directory without a record is what an
 * interrupted create or the very end of a delete left, and is removed, unless work lies in it.
 */
export function readRecords(serversDirectory: string): StoredServers {
  const records: ServerRecord[] = [];
  const unreadable: { directory: string; why: string }[] = [];
  const names = nullOn(["ENOENT"], () => readdirSync(serversDirectory)) ?? [];
  for (const name of names.toSorted()) {
    const directory = join(serversDirectory, name);
    try {
      const record = recordSchema.parse(JSON.parse(readFileSync(join(directory, "server.json"), "utf8")));
      if (record.id === name) records.push(record);
      else unreadable.push({ directory, why: `its record is that of ${record.id}` });
    } catch (error) {
      const hasNoRecord = errnoOf(error) === "ENOENT";
      if (hasNoRecord && !holdsUnsavedWork(join(directory, "disk")))
        rmSync(directory, { recursive: true, force: true });
      else unreadable.push({ directory, why: messageOf(error) });
    }
  }
  return { records, unreadable };
}
