/**
 * A provider that hands out servers: slow, forgetful, short of machines, as its faults have it. What it lists may be late
 * and what it says of a server may be old, but a server that it has is there, and costs, until it is destroyed.
 */
import type { Chance } from "@sam/domain/testing/seeded";
import type { Catalog, CreateServerRequest, Provider, ProviderServer, ServerStatus } from "@sam/providers/provider";
import { ProviderError } from "@sam/providers/provider-error";

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
}

export interface ProviderPorts {
  readonly time: VirtualTime;
  readonly gate: FaultGate;
  readonly chance: Chance;
  readonly trace: Trace;
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
/** How late a listing may be, and how old a status. */
const lagMs = 8_000;

export class SimulatedProvider implements Provider {
  readonly name = "local";
  readonly servers: SimulatedServer[] = [];
  readonly #ports: ProviderPorts;

  constructor(ports: ProviderPorts) {
    this.#ports = ports;
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
    const { gate, chance, trace } = this.#ports;
    return this.#call(`create ${request.name}`, () => {
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
      const asOf = this.#ports.time.now - this.#age("listsLate");
      return this.servers
        .filter(({ createdAt, deletedAt }) => createdAt <= asOf && (deletedAt === null || deletedAt > asOf))
        .filter(({ request }) => labelsMatch(request.labels, labels))
        .map((server) => this.#shown(server, asOf));
    });
  }

  destroyServer(id: string): Promise<"deleting" | "gone"> {
    return this.#call(`destroy ${id}`, () => {
      const { time, unpowered, trace } = this.#ports;
      const server = this.standing.find((it) => it.id === id);
      if (server === undefined) return "gone";
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
    return gate.pass(`provider: ${what}`, providerCall, () => {
      if (gate.happens("providerFails")) {
        throw new ProviderError(chance.pick(["unavailable", "timeout", "rate_limited"] as const), `${what} failed`);
      }
      return effect();
    });
  }
}

function statusOf({ runsAt, deletedAt }: SimulatedServer, asOf: number): ServerStatus {
  if (deletedAt !== null && deletedAt - deletingMs <= asOf) return "deleting";
  if (runsAt === null || asOf < runsAt - 500) return "initializing";
  return asOf < runsAt ? "starting" : "running";
}
