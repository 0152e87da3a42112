/**
 * The `local` provider: servers are sandboxed process trees on the user's own machine, handed out by the machine host,
 * which is spoken to like any cloud's API. This runs in the Worker: no Node, only fetch.
 */
import { z } from "zod";

import { callApi, type ApiTransport } from "./local-api.ts";
import { ProviderError } from "./provider-error.ts";
import {
  type Catalog,
  type CreateServerRequest,
  type Provider,
  type ProviderResource,
  type ProviderServer,
  serverStatuses,
  type ServerStatus,
} from "./provider.ts";

const instantSchema = z.iso.datetime().transform((text) => Date.parse(text));

const serverSchema = z.object({
  id: z.string().min(1),
  name: z.string(),
  status: z.string(),
  labels: z.record(z.string(), z.string()),
  machineType: z.string(),
  location: z.string(),
  createdAt: instantSchema,
});

const oneServerSchema = z.object({ server: serverSchema });

const catalogSchema = z.object({
  source: z.string(),
  readAt: instantSchema,
  machineTypes: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      vcpu: z.number().positive(),
      memoryBytes: z.number().positive(),
      diskBytes: z.number().positive().nullable(),
      locations: z.array(z.string()),
      monthlyPrice: z.object({ amount: z.number(), currency: z.string() }),
    }),
  ),
});

const pageSchema = z.object({
  meta: z.object({ pagination: z.object({ nextPage: z.number().int().positive().nullable() }) }),
});

const diskSchema = z.object({
  id: z.string().min(1),
  labels: z.record(z.string(), z.string()),
  serverId: z.string().nullable(),
  createdAt: instantSchema.nullable(),
  holdsUnsavedWork: z.boolean(),
});

const serverPageSchema = pageSchema.extend({ servers: z.array(serverSchema) });
const diskPageSchema = pageSchema.extend({ disks: z.array(diskSchema) });

/** A listing that never ends would hold a sweep for ever. */
const maxPages = 1_000;

/**
 * @param options.fetcher how the machine host is reached: a service binding, or its `handle` in a test.
 * @param options.timeoutMs the deadline of each call.
 */
export function createLocalProvider(options: ApiTransport): Provider {
  return {
    name: "local",

    async catalog(): Promise<Catalog> {
      return callApi(options, { method: "GET", path: "/v1/machine-types", answer: catalogSchema });
    },

    async createServer(request: CreateServerRequest): Promise<ProviderServer> {
      const body = { method: "POST", path: "/v1/servers", body: request, answer: oneServerSchema } as const;
      return toServer((await callApi(options, body)).server);
    },

    async getServer(id: string): Promise<ProviderServer | null> {
      const call = callApi(options, { method: "GET", path: serverPath(id), answer: oneServerSchema });
      const found = await nullWhereNotFound(call);
      return found === null ? null : toServer(found.server);
    },

    async listServers({ labels }): Promise<readonly ProviderServer[]> {
      const pages = await listAllPages(options, { path: "/v1/servers", labels, answer: serverPageSchema });
      return pages.flatMap(({ servers }) => servers.map(toServer));
    },

    async destroyServer(id: string): Promise<"deleting" | "gone"> {
      const call = callApi(options, { method: "DELETE", path: serverPath(id), answer: oneServerSchema });
      return (await nullWhereNotFound(call)) === null ? "gone" : "deleting";
    },

    async attachRepository(id: string, path: string): Promise<void> {
      const answer = z.object({ repository: z.object({ path: z.string() }) });
      await callApi(options, { method: "POST", path: `${serverPath(id)}/repositories`, body: { path }, answer });
    },

    resources: {
      kinds: ["disk"],
      list: async ({ labels }) => {
        const pages = await listAllPages(options, { path: "/v1/disks", labels, answer: diskPageSchema });
        return pages.flatMap(({ disks }) => disks.map(toResource));
      },
      destroy: async ({ kind, id, evenUnsaved }) => {
        if (kind !== "disk") throw new ProviderError("invalid_input", `this machine has no ${kind}`, { field: "kind" });
        return destroyDisk(options, id, evenUnsaved);
      },
    },
  };
}

const destroyedDiskSchema = z.object({ disk: z.object({ id: z.string() }), outcome: z.enum(["gone", "kept"]) });

async function destroyDisk(transport: ApiTransport, id: string, evenUnsaved: boolean): Promise<"gone" | "kept"> {
  const path = `/v1/disks/${encodeURIComponent(id)}?evenUnsaved=${evenUnsaved}`;
  const call = callApi(transport, { method: "DELETE", path, answer: destroyedDiskSchema });
  return (await nullWhereNotFound(call))?.outcome ?? "gone";
}

function toResource({ serverId, ...disk }: z.output<typeof diskSchema>): ProviderResource {
  return { ...disk, kind: "disk", name: disk.id, attachedTo: serverId, sizeBytes: null };
}

interface Listing<Page> {
  readonly path: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly answer: z.ZodType<Page>;
}

/** @returns the pages, to the end. */
async function listAllPages<Page extends z.output<typeof pageSchema>>(
  transport: ApiTransport,
  { path, labels, answer }: Listing<Page>,
): Promise<Page[]> {
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const found: Page[] = [];
  for (let next: number | null = 1; next !== null;) {
    if (found.length === maxPages)
      throw new ProviderError("unavailable", `the listing did not end after ${maxPages} pages`);
    const query = new URLSearchParams({ labelSelector: selector.join(","), page: String(next), perPage: "50" });
    const page: Page = await callApi(transport, { method: "GET", path: `${path}?${query.toString()}`, answer });
    found.push(page);
    next = page.meta.pagination.nextPage;
  }
  return found;
}

function serverPath(id: string): string {
  return `/v1/servers/${encodeURIComponent(id)}`;
}

function toServer(server: z.output<typeof serverSchema>): ProviderServer {
  return { ...server, status: toStatus(server.status), providerStatus: server.status };
}

function toStatus(word: string): ServerStatus {
  return serverStatuses.find((status) => status === word) ?? "unknown";
}

async function nullWhereNotFound<Answer>(call: Promise<Answer>): Promise<Answer | null> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof ProviderError && error.code === "not_found") return null;
    throw error;
  }
}
