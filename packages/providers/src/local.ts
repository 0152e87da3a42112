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

const serverPageSchema = z.object({
  servers: z.array(serverSchema),
  meta: z.object({ pagination: z.object({ nextPage: z.number().int().positive().nullable() }) }),
});

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
      return listAllPages(options, labels);
    },

    async destroyServer(id: string): Promise<"deleting" | "gone"> {
      const call = callApi(options, { method: "DELETE", path: serverPath(id), answer: oneServerSchema });
      return (await nullWhereNotFound(call)) === null ? "gone" : "deleting";
    },

    async attachRepository(id: string, path: string): Promise<void> {
      const answer = z.object({ repository: z.object({ path: z.string() }) });
      await callApi(options, { method: "POST", path: `${serverPath(id)}/repositories`, body: { path }, answer });
    },
  };
}

async function listAllPages(
  transport: ApiTransport,
  labels: Readonly<Record<string, string>>,
): Promise<ProviderServer[]> {
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const found: ProviderServer[] = [];
  let page: number | null = 1;
  for (let pages = 0; page !== null; pages += 1) {
    if (pages === maxPages) throw new ProviderError("unavailable", `the listing did not end after ${maxPages} pages`);
    const query = new URLSearchParams({ labelSelector: selector.join(","), page: String(page), perPage: "50" });
    const path = `/v1/servers?${query.toString()}`;
    const answer: z.output<typeof serverPageSchema> = await callApi(transport, {
      method: "GET",
      path,
      answer: serverPageSchema,
    });
    found.push(...answer.servers.map(toServer));
    page = answer.meta.pagination.nextPage;
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
