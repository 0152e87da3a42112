/**
 * The machine host of a world: the HTTP API that the real adapter of the `local` provider speaks, in front of a simulated
 * provider. What the provider cannot do is an answer with its status and code, as a real host's is; a call that it lets run
 * out of time is never answered.
 */
import type { CreateServerRequest, Provider, ProviderResource, ProviderServer } from "@sam/providers/provider";
import { ProviderError, type ProviderErrorCode } from "@sam/providers/provider-error";

import { never } from "../time/life.ts";

/** As much of a request as the adapter makes. */
export interface HostRequest {
  readonly url: string;
  readonly method: string;
  text(): Promise<string>;
}

/** As much of a response as the adapter reads. */
export interface HostAnswer {
  readonly status: number;
  text(): Promise<string>;
}

interface Asked {
  readonly method: string;
  readonly noun: string;
  readonly id: string | null;
  readonly query: URLSearchParams;
  readonly body: string;
}

const answers: { readonly [Code in ProviderErrorCode]: { readonly status: number; readonly code: string } } = {
  quota_exceeded: { status: 403, code: "resource_limit_exceeded" },
  capacity: { status: 422, code: "resource_unavailable" },
  invalid_input: { status: 422, code: "invalid_input" },
  unauthorized: { status: 401, code: "unauthorized" },
  not_found: { status: 404, code: "not_found" },
  in_use: { status: 409, code: "in_use" },
  name_taken: { status: 409, code: "uniqueness_error" },
  rate_limited: { status: 429, code: "rate_limit_exceeded" },
  unavailable: { status: 503, code: "unavailable" },
  timeout: { status: 504, code: "timeout" },
};

const onePage = { meta: { pagination: { nextPage: null } } };

export class MachineHost {
  readonly #provider: Provider;

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  async fetch(request: HostRequest): Promise<HostAnswer> {
    const asked = await read(request);
    try {
      return answer(200, await this.#answer(asked));
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      if (error.code === "timeout") return await never();
      const { status, code } = answers[error.code];
      return answer(status, { error: { code, message: error.message } });
    }
  }

  async #answer({ method, noun, id, query, body }: Asked): Promise<object> {
    switch (`${method} ${noun}${id === null ? "" : "/"}`) {
      case "GET machine-types": {
        const { readAt, ...catalog } = await this.#provider.catalog();
        return { ...catalog, readAt: new Date(readAt).toISOString() };
      }
      case "POST servers":
        return { server: shownServer(await this.#provider.createServer(requestOf(body))) };
      case "GET servers":
        return { servers: (await this.#provider.listServers(labelsOf(query))).map(shownServer), ...onePage };
      case "GET servers/": {
        const server = await this.#provider.getServer(id ?? "");
        if (server === null) throw new ProviderError("not_found", `there is no server ${id}`);
        return { server: shownServer(server) };
      }
      case "DELETE servers/":
        return { server: await this.#destroy(id ?? "") };
      case "GET disks": {
        const disks = (await this.#provider.resources?.list(labelsOf(query))) ?? [];
        return { disks: disks.map(shownDisk), ...onePage };
      }
      case "DELETE disks/": {
        const evenUnsaved = query.get("evenUnsaved") === "true";
        const outcome = await this.#provider.resources?.destroy({ kind: "disk", id: id ?? "", evenUnsaved });
        return { disk: { id }, outcome };
      }
      default:
        throw new ProviderError("not_found", `there is no ${method} ${noun}`);
    }
  }

  /** @returns it as it goes. */
  async #destroy(id: string): Promise<object> {
    const outcome = await this.#provider.destroyServer(id);
    if (outcome === "gone") throw new ProviderError("not_found", `there is no server ${id}`);
    const createdAt = new Date(0).toISOString();
    return { id, name: id, status: "deleting", labels: {}, machineType: "local", location: "this-machine", createdAt };
  }
}

async function read(request: HostRequest): Promise<Asked> {
  const [address = "", query = ""] = request.url.split("?");
  const [noun = "", id] = address.slice(address.indexOf("/v1/") + "/v1/".length).split("/");
  const body = await request.text();
  return { method: request.method, noun, id: id ?? null, query: new URLSearchParams(query), body };
}

function answer(status: number, body: object): HostAnswer {
  const text = JSON.stringify(body);
  return { status, text: () => Promise.resolve(text) };
}

function requestOf(body: string): CreateServerRequest {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the adapter has made it of one
  return JSON.parse(body) as CreateServerRequest;
}

/** @returns the labels that a selector such as `sam-node=node_…` asks for. */
function labelsOf(query: URLSearchParams): { readonly labels: Readonly<Record<string, string>> } {
  const wanted = (query.get("labelSelector") ?? "").split(",").filter((pair) => pair !== "");
  return { labels: Object.fromEntries(wanted.map((pair): [string, string] => splitPair(pair))) };
}

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function shownServer({ providerStatus, createdAt, ...server }: ProviderServer): object {
  return { ...server, status: providerStatus, createdAt: new Date(createdAt).toISOString() };
}

function shownDisk({ id, labels, attachedTo, createdAt, holdsUnsavedWork }: ProviderResource): object {
  const made = createdAt === null ? null : new Date(createdAt).toISOString();
  return { id, labels, serverId: attachedTo, createdAt: made, holdsUnsavedWork };
}
