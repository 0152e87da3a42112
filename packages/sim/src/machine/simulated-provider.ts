/**
 * A provider that hands out servers: slow, forgetful, short of machines, as its faults have it. What it lists may be late
 * and what it says of a server may be old, but a server that it has is there, and costs, until it is destroyed. It has
 * other customers, whose servers are in every listing of all that there is.
 */
import type { Chance } from "@sam/domain/testing/seeded";
import {
  installationLabel,
  nodeLabel,
  type Catalog,
  type CreateServerRequest,
  type Provider,
  type ProviderResource,
  type ProviderResources,
  type ProviderServer,
  type ServerStatus,
} from "@sam/providers/provider";
import { ProviderError } from "@sam/providers/provider-error";

import type { Book } from "../book.ts";
import { providerCall, type FaultGate } from "../network/fault-gate.ts";
import type { VirtualTime } from "../time/virtual-time.ts";
import { short, type Trace } from "../trace.ts";
import { labelsMatch } from "./labels.ts";

export interface SimulatedServer {
  readonly id: string;
  readonly request: CreateServerRequest;
  readonly createdAt: number;
  /** When it runs; null: never. */
  readonly runsAt: number | null;
  deletedAt: number | null;
  /** Of another installation, or of none. */
  readonly isForeign: boolean;
}

type Labels = Readonly<Record<string, string>>;

export interface ProviderPorts {
  readonly time: VirtualTime;
  readonly gate: FaultGate;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly book: Book;
  readonly installationId: string;
  readonly otherCustomers: boolean;
  /** Whether this node's own record stands. */
  readonly isWrittenDown: (nodeId: string) => boolean;
  /** Whether work lies on it that is nowhere else. */
  readonly holdsUnsavedWork: (server: SimulatedServer) => boolean;
  /** A server runs from now on; it is never said twice of one. */
  readonly powered: (server: SimulatedServer) => void;
  readonly unpowered: (server: SimulatedServer) => void;
}

export const machineSize = {
  vcpu: 2,
  memoryBytes: 4_000_000_000,
  diskBytes: null,
  monthlyPrice: { amount: 0, currency: "EUR" },
};

const bootMs = 25_000;
const deletingMs = 6_000;
const hourMs = 3_600_000;
/** How late a listing may be, and how old a status. */
const lagMs = 8_000;

export class SimulatedProvider implements Provider {
  readonly name = "local";
  readonly servers: SimulatedServer[] = [];
  /** A server's disk is there with it, and goes with it. */
  readonly resources: ProviderResources = {
    kinds: ["disk"],
    list: ({ labels }) =>
      this.#call("list disks", () => this.#listed(labels, this.#age("listsLate")).map(this.#diskOf)),
    destroy: ({ id }) =>
      this.#call(`destroy ${id}`, () => {
        const isAttached = this.standing.some((server) => diskName(server) === id);
        if (isAttached) throw new ProviderError("in_use", `${id} belongs to a server`);
        return "gone";
      }),
  };
  readonly #ports: ProviderPorts;

  constructor(ports: ProviderPorts) {
    this.#ports = ports;
    if (!ports.otherCustomers) return;
    foreignLabels(ports.installationId).forEach((labels, index) => this.#addForeign(`other-${index + 1}`, labels));
  }

  /** Those that are there, whatever is listed. */
  get standing(): readonly SimulatedServer[] {
    return this.servers.filter(({ deletedAt }) => deletedAt === null || deletedAt > this.#ports.time.now);
  }

  catalog(): Promise<Catalog> {
    return this.#call("catalog", () => ({
      source: "simulator",
      readAt: this.#ports.time.now,
      machineTypes: [
        {
          name: "local",
          description: "a simulated machine",
          locations: ["this-machine"],
          ...machineSize,
        },
      ],
    }));
  }

  createServer(request: CreateServerRequest): Promise<ProviderServer> {
    const { gate, chance, trace, book, isWrittenDown } = this.#ports;
    return this.#call(`create ${request.name}`, () => {
      const nodeId = request.labels[nodeLabel] ?? "";
      if (!isWrittenDown(nodeId)) book.breach(4, nodeId, "its server is asked for, and it is not written down");
      if (this.standing.some((server) => server.request.name === request.name)) {
        throw new ProviderError("name_taken", `${request.name} is taken`);
      }
      if (gate.happens("createRefused")) {
        const code = chance.pick(["capacity", "quota_exceeded"] as const);
        trace.note(() => `the provider refuses ${request.name}: ${code}`);
        throw new ProviderError(code, "none free");
      }
      const server = this.#make(request);
      if (gate.happens("createReplyLost")) {
        trace.note(() => `${server.id} is made, and the reply is lost`);
        throw new ProviderError(chance.pick(["timeout", "unavailable"] as const), "the connection was lost");
      }
      return this.#shown(server, this.#ports.time.now);
    });
  }

  getServer(id: string): Promise<ProviderServer | null> {
    return this.#call(`get ${id}`, () => {
      const server = this.standing.find((it) => it.id === id);
      if (server === undefined) return null;
      return this.#shown(server, this.#ports.time.now - this.#age("staleStatus"));
    });
  }

  listServers({ labels }: { readonly labels: Readonly<Record<string, string>> }): Promise<readonly ProviderServer[]> {
    return this.#call("list", () => {
      const ageMs = this.#age("listsLate");
      return this.#listed(labels, ageMs).map((server) => this.#shown(server, this.#ports.time.now - ageMs));
    });
  }

  destroyServer(id: string): Promise<"deleting" | "gone"> {
    return this.#call(`destroy ${id}`, () => {
      const { time, unpowered, trace, book } = this.#ports;
      const server = this.standing.find((it) => it.id === id);
      if (server === undefined) return "gone";
      if (server.isForeign) book.breach(9, id, "it is not ours, and was destroyed");
      if (server.deletedAt === null) {
        trace.note(() => `${id} is being deleted`);
        server.deletedAt = time.now + deletingMs;
        unpowered(server);
      }
      return "deleting";
    });
  }

  #make(request: CreateServerRequest): SimulatedServer {
    const { time, gate, chance, powered, trace } = this.#ports;
    const runsAfterMs = gate.happens("serverHangs") ? null : 1_000 + bootMs * chance.next();
    const server: SimulatedServer = {
      id: `srv-${this.servers.length + 1}`,
      request,
      createdAt: time.now,
      runsAt: runsAfterMs === null ? null : time.now + runsAfterMs,
      deletedAt: null,
      isForeign: false,
    };
    this.servers.push(server);
    trace.note(() => `${server.id} is made for ${short(request.labels["sam-node"] ?? request.name)}`);
    if (runsAfterMs !== null) {
      time.after(runsAfterMs, () => {
        if (server.deletedAt === null) powered(server);
      });
    }
    return server;
  }

  #addForeign(id: string, labels: Labels): void {
    const { now } = this.#ports.time;
    const request = { name: id, machineType: "local", location: "this-machine", labels, userData: "{}" };
    const createdAt = now - hourMs;
    this.servers.push({ id, request, createdAt, runsAt: createdAt, deletedAt: null, isForeign: true });
  }

  /** @returns what a listing of this age has. */
  #listed(labels: Labels, ageMs: number): readonly SimulatedServer[] {
    const asOf = this.#ports.time.now - ageMs;
    return this.servers
      .filter(({ createdAt, deletedAt }) => createdAt <= asOf && (deletedAt === null || deletedAt > asOf))
      .filter(({ request }) => labelsMatch(request.labels, labels));
  }

  readonly #diskOf = (server: SimulatedServer): ProviderResource => {
    const { id: attachedTo, createdAt, request } = server;
    const id = diskName(server);
    const holdsUnsavedWork = this.#ports.holdsUnsavedWork(server);
    const { labels } = request;
    return { kind: "disk", id, name: id, labels, attachedTo, createdAt, sizeBytes: null, holdsUnsavedWork };
  };

  #shown(server: SimulatedServer, asOf: number): ProviderServer {
    const { name, labels, machineType, location } = server.request;
    const { id, createdAt } = server;
    const status = statusOf(server, asOf);
    return { id, name, status, providerStatus: status, labels, machineType, location, createdAt };
  }

  #age(fault: "listsLate" | "staleStatus"): number {
    return this.#ports.gate.happens(fault) ? lagMs * this.#ports.chance.next() : 0;
  }

  /** Every call has a deadline of its own, as an adapter's has. */
  #call<Value>(what: string, effect: () => Value): Promise<Value> {
    const { gate, chance } = this.#ports;
    return gate.pass(
      () => `provider: ${what}`,
      providerCall,
      () => {
        if (gate.happens("providerFails")) {
          throw new ProviderError(chance.pick(["unavailable", "timeout", "rate_limited"] as const), `${what} failed`);
        }
        return effect();
      },
    );
  }
}

/** Tags that look like ours, and none of them is. */
function foreignLabels(installationId: string): readonly Labels[] {
  return [
    {},
    { [installationLabel]: `${installationId}2` },
    { [installationLabel]: installationId.toLowerCase(), [nodeLabel]: "node_01JS1MULATEDWXRLDXXXXXXXXX" },
  ];
}

function diskName({ id }: SimulatedServer): string {
  return `disk-of-${id}`;
}

function statusOf({ runsAt, deletedAt }: SimulatedServer, asOf: number): ServerStatus {
  if (deletedAt !== null && deletedAt - deletingMs <= asOf) return "deleting";
  if (runsAt === null || asOf < runsAt - 500) return "initializing";
  return asOf < runsAt ? "starting" : "running";
}
