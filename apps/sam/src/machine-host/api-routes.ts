/** The routes of the machine host's API. */
import type { Isolation } from "@sam/domain/isolation";

import { ApiError } from "./api-error.ts";
import {
  attachRepositorySchema,
  createServerSchema,
  type ListQuery,
  parseBody,
  parseDestroyDisk,
  parseListQuery,
} from "./api-requests.ts";
import { type CatalogRequest, readCatalog } from "./machine-types.ts";
import type { ServerDisks } from "./server-disks.ts";
import type { ServerRegistry } from "./server-registry.ts";
import type { Server, ServerStatus } from "./server.ts";

export interface ApiHost {
  readonly registry: ServerRegistry;
  readonly disks: ServerDisks;
  readonly isolation: Isolation;
  readonly catalog: CatalogRequest;
}

export interface ServerView {
  readonly id: string;
  readonly name: string;
  readonly status: ServerStatus;
  readonly labels: Readonly<Record<string, string>>;
  readonly machineType: string;
  readonly location: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly isolation: Isolation;
}

interface RouteContext {
  readonly host: ApiHost;
  readonly request: Request;
  readonly url: URL;
  /** The id in the path; empty where the path has none. */
  readonly id: string;
}

type Handler = (context: RouteContext) => Promise<Response> | Response;
type Method = "GET" | "POST" | "DELETE";

const routes: readonly { readonly path: RegExp; readonly methods: Readonly<Partial<Record<Method, Handler>>> }[] = [
  {
    path: /^\/v1\/machine-types$/,
    methods: { GET: async ({ host }) => Response.json(await readCatalog(host.catalog)) },
  },
  { path: /^\/v1\/isolation$/, methods: { GET: ({ host }) => Response.json(host.isolation) } },
  { path: /^\/v1\/servers$/, methods: { GET: listServers, POST: createServer } },
  { path: /^\/v1\/servers\/([^/]+)$/, methods: { GET: getServer, DELETE: deleteServer } },
  { path: /^\/v1\/servers\/([^/]+)\/repositories$/, methods: { POST: attachRepository } },
  { path: /^\/v1\/disks$/, methods: { GET: listDisks } },
  { path: /^\/v1\/disks\/([^/]+)$/, methods: { DELETE: destroyDisk } },
  { path: /^\/v1\/servers\/([^/]+)\/actions\/reboot$/, methods: { POST: rebootServer } },
];

/** @throws ApiError */
export async function route(host: ApiHost, request: Request): Promise<Response> {
  const url = new URL(request.url);
  for (const { path, methods } of routes) {
    const match = path.exec(url.pathname);
    if (match === null) continue;
    const handler = Object.entries(methods).find(([method]) => method === request.method)?.[1];
    if (handler === undefined)
      throw new ApiError("method_not_allowed", `${request.method} ${url.pathname} is not offered`);
    return handler({ host, request, url, id: decode(match[1] ?? "") });
  }
  throw new ApiError("not_found", `there is no ${url.pathname}`);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

async function createServer({ host, request }: RouteContext): Promise<Response> {
  const asked = await parseBody(request, createServerSchema);
  return Response.json({ server: view(host, host.registry.create(asked)) }, { status: 201 });
}

function listServers({ host, url }: RouteContext): Response {
  const query = parseListQuery(url.searchParams);
  const { shown, meta } = pageOf(host.registry.list(), (server) => server.record.labels, query);
  return Response.json({ servers: shown.map((server) => view(host, server)), meta });
}

function listDisks({ host, url }: RouteContext): Response {
  const { shown, meta } = pageOf(host.disks.list(), ({ labels }) => labels, parseListQuery(url.searchParams));
  return Response.json({ disks: shown, meta });
}

/** Those that carry every label of the selector, a page of them. */
function pageOf<Item>(
  all: readonly Item[],
  labelsOf: (item: Item) => Readonly<Record<string, string>>,
  { labelSelector, page, perPage }: ListQuery,
) {
  const wanted = [...labelSelector];
  const matching = all.filter((item) => wanted.every(([key, value]) => labelsOf(item)[key] === value));
  const lastPage = Math.max(1, Math.ceil(matching.length / perPage));
  const pagination = {
    page,
    perPage,
    previousPage: page > 1 ? page - 1 : null,
    nextPage: page < lastPage ? page + 1 : null,
    lastPage,
    totalEntries: matching.length,
  };
  return { shown: matching.slice((page - 1) * perPage, page * perPage), meta: { pagination } };
}

async function destroyDisk({ host, url, id }: RouteContext): Promise<Response> {
  const outcome = await host.disks.destroy(id, parseDestroyDisk(url.searchParams));
  return Response.json({ disk: { id }, outcome });
}

function getServer({ host, id }: RouteContext): Response {
  return Response.json({ server: view(host, host.registry.get(id)) });
}

function deleteServer({ host, id }: RouteContext): Response {
  const server = host.registry.get(id);
  server.delete();
  return Response.json({ server: view(host, server) }, { status: 202 });
}

function rebootServer({ host, id }: RouteContext): Response {
  const server = host.registry.get(id);
  server.reboot();
  return Response.json({ server: view(host, server) }, { status: 202 });
}

async function attachRepository({ host, request, id }: RouteContext): Promise<Response> {
  const server = host.registry.get(id);
  const { path } = await parseBody(request, attachRepositorySchema);
  server.attachRepository(path);
  return Response.json({ repository: { path } });
}

function view(host: ApiHost, server: Server): ServerView {
  const { id, name, labels, machineType, location, createdAt } = server.record;
  return {
    id,
    name,
    status: server.status,
    labels,
    machineType,
    location,
    createdAt: new Date(createdAt).toISOString(),
    isolation: host.isolation,
  };
}
