/**
 * The disks of this machine host: one for each folder below its servers' directory. A disk without a server is what
 * stayed behind when the record of its server was lost or cannot be read: nobody boots it any more, and it takes room.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { ApiError } from "./api-error.ts";
import { removeTree } from "./disk-removal.ts";
import { residentsOf } from "./residents.ts";
import { temporaryDirectory } from "./server-environment.ts";
import { type ServerRecord, serverIdSchema } from "./server-record.ts";
import type { ServerRegistry } from "./server-registry.ts";
import { holdsUnsavedWork } from "./unsaved-work.ts";

export interface DiskView {
  readonly id: string;
  /** Those of its server; none where its record says nothing. */
  readonly labels: Readonly<Record<string, string>>;
  /** Null: no server has it. */
  readonly serverId: string | null;
  /** ISO 8601; null where its record says nothing. */
  readonly createdAt: string | null;
  readonly holdsUnsavedWork: boolean;
}

/** What can still be read of the record of a server that is none any more, such as one that a newer version wrote. */
const remainsSchema = z.object({
  labels: z.record(z.string(), z.string()).catch({}),
  createdAt: z.number().int().nullable().catch(null),
});

export class ServerDisks {
  readonly #directory: string;
  readonly #registry: ServerRegistry;
  readonly #log: (line: string) => void;

  constructor(directory: string, registry: ServerRegistry, log: (line: string) => void) {
    this.#directory = directory;
    this.#registry = registry;
    this.#log = log;
  }

  /** By their ids, so the oldest first. */
  list(): DiskView[] {
    const records = new Map<string, ServerRecord>(this.#registry.list().map(({ record }) => [record.id, record]));
    const entries = readdirSync(this.#directory, { withFileTypes: true });
    const ids = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    return ids.toSorted().map((id) => this.#view(id, records.get(id) ?? null));
  }

  /** @throws ApiError `in_use` where a server has it, or a process lives on it. */
  async destroy(id: string, evenUnsaved: boolean): Promise<"gone" | "kept"> {
    const disk = this.list().find((each) => each.id === id);
    if (disk === undefined) throw new ApiError("not_found", `there is no disk ${id}`);
    if (disk.serverId !== null) throw new ApiError("in_use", `${id} belongs to the server ${disk.serverId}`);
    const directory = join(this.#directory, id);
    if (residentsOf(directory).length > 0) throw new ApiError("in_use", `processes still live on ${id}`);
    if (disk.holdsUnsavedWork && !evenUnsaved) return "kept";
    await removeTree(directory);
    const serverId = serverIdSchema.safeParse(id).data;
    if (serverId !== undefined) await removeTree(temporaryDirectory(serverId));
    this.#log(`the disk ${id}, which no server had, was removed`);
    return "gone";
  }

  #view(id: string, record: ServerRecord | null): DiskView {
    const directory = join(this.#directory, id);
    const { labels, createdAt } = record ?? remainsOf(join(directory, "server.json"));
    return {
      id,
      labels,
      serverId: record?.id ?? null,
      createdAt: createdAt === null ? null : new Date(createdAt).toISOString(),
      holdsUnsavedWork: holdsUnsavedWork(join(directory, "disk")),
    };
  }
}

function remainsOf(path: string): z.output<typeof remainsSchema> {
  try {
    return remainsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return { labels: {}, createdAt: null };
  }
}
