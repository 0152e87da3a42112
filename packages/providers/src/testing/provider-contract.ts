/**
 * The contract that every provider adapter passes, against the real API of its provider or against something that speaks
 * it for real. Control relies on nothing of a provider that is not promised here.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ProviderError, type ProviderErrorCode } from "../provider-error.ts";
import {
  installationLabel,
  nodeLabel,
  type CreateServerRequest,
  type Provider,
  type ResourceKind,
} from "../provider.ts";

export type Fetch = (request: Request) => Promise<Response>;

/** What an adapter brings to the suite: a provider to use up. */
export interface ContractWorld {
  /** The adapter under test over another transport, so that the transport may fail; each call's deadline is `timeoutMs`. */
  providerOver(fetch: Fetch, timeoutMs: number): Provider;
  /** The transport that works. */
  readonly fetch: Fetch;
  readonly machineType: string;
  readonly location: string;
  /** How many servers this account may have at once. At least 3, and none in use. */
  readonly quota: number;
  readonly userData: string;
  /** What it lists beside servers; an adapter with any passes the resource contract as well. */
  readonly resourceKinds: readonly ResourceKind[];
  stop(): Promise<void>;
}

const callMs = 10_000;
const settledMs = 30_000;

/** Registers the contract's tests for one adapter. */
export function describeProviderContract(adapter: string, open: () => Promise<ContractWorld>): void {
  describe(`provider contract: ${adapter}`, () => {
    let world: ContractWorld;
    let provider: Provider;
    let counter = 0;
    const installation = `installation-${Date.now().toString(36)}`;

    beforeAll(async () => {
      world = await open();
      provider = world.providerOver(world.fetch, callMs);
    }, 60_000);
    afterAll(async () => {
      await world.stop();
    }, 60_000);

    const request = (changes: Partial<CreateServerRequest> = {}): CreateServerRequest => {
      counter += 1;
      return {
        name: `sam-contract-${counter}`,
        machineType: world.machineType,
        location: world.location,
        labels: { [installationLabel]: installation, [nodeLabel]: `node-${counter}` },
        userData: world.userData,
        ...changes,
      };
    };

    const destroyAll = async (): Promise<void> => {
      const servers = await provider.listServers({ labels: { [installationLabel]: installation } });
      await Promise.all(servers.map((server) => provider.destroyServer(server.id)));
      await until("every server is gone", async () => {
        return (await provider.listServers({ labels: { [installationLabel]: installation } })).length === 0;
      });
    };

    it("refuses a machine type that the catalog does not list, naming the field, and creates nothing", async () => {
      const refused = await failure(provider.createServer(request({ machineType: "no-such-type" })), "invalid_input");
      expect(refused).toMatchObject({ retryable: false, field: "machineType" });
      expect(await provider.listServers({ labels: { [installationLabel]: installation } })).toEqual([]);
    });

    it("refuses a place that is not in the catalog, naming the field", async () => {
      const refused = await failure(provider.createServer(request({ location: "nowhere" })), "invalid_input");
      expect(refused.field).toBe("location");
    });

    it("refuses a name that is no host name, naming the field", async () => {
      const refused = await failure(provider.createServer(request({ name: "no host name" })), "invalid_input");
      expect(refused.field).toBe("name");
    });

    it("says null for a server that does not exist, and that destroying it is done", async () => {
      expect(await provider.getServer("no-such-server")).toBeNull();
      expect(await provider.destroyServer("no-such-server")).toBe("gone");
    });

    it("lists the machine type and the place with the catalog's source and the time that it was read", async () => {
      const before = Date.now();
      const catalog = await provider.catalog();
      expect(catalog.source).not.toBe("");
      expect(catalog.readAt).toBeGreaterThan(before - 24 * 3_600_000);
      const offer = catalog.machineTypes.find((type) => type.name === world.machineType);
      expect(offer?.locations).toContain(world.location);
      for (const type of catalog.machineTypes) {
        for (const figure of [type.vcpu, type.memoryBytes, type.diskBytes]) expect(figure ?? 1).toBeGreaterThan(0);
      }
    });

    it("offers the resources beside servers that it is tested for, and no others", () => {
      expect(provider.resources?.kinds ?? []).toEqual(world.resourceKinds);
    });

    it("takes a server from creation to running and to gone", async () => {
      const asked = request();
      const created = await provider.createServer(asked);
      expect(created).toMatchObject({
        name: asked.name,
        labels: asked.labels,
        machineType: asked.machineType,
        location: asked.location,
      });
      await until("the server runs", async () => (await provider.getServer(created.id))?.status === "running");
      const again = await provider.getServer(created.id);
      expect(again?.createdAt).toBe(created.createdAt);

      expect(await provider.destroyServer(created.id)).toBe("deleting");
      await until("the server is gone", async () => {
        const seen = await provider.getServer(created.id);
        if (seen !== null) expect(seen.status).toBe("deleting");
        return seen === null;
      });
      expect(await provider.destroyServer(created.id)).toBe("gone");
    });

    it("may be asked twice to destroy a server", async () => {
      const { id } = await provider.createServer(request());
      const answers = await Promise.all([provider.destroyServer(id), provider.destroyServer(id)]);
      for (const answer of answers) expect(["deleting", "gone"]).toContain(answer);
      await until("the server is gone", async () => (await provider.getServer(id)) === null);
    });

    it("refuses a name that is in use, so that a repeated create makes no second server", async () => {
      const asked = request();
      await provider.createServer(asked);
      const refused = await failure(provider.createServer(asked), "name_taken");
      expect(refused.retryable).toBe(false);
      const listed = await provider.listServers({ labels: asked.labels });
      expect(listed.map((server) => server.name)).toEqual([asked.name]);
      await destroyAll();
    });

    it("makes one server of two creates at the same instant under one name", async () => {
      const asked = request();
      const results = await Promise.allSettled([provider.createServer(asked), provider.createServer(asked)]);
      expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
      expect(await provider.listServers({ labels: asked.labels })).toHaveLength(1);
      await destroyAll();
    });

    it("lists by labels: all that carry every one of them, and nothing of another installation", async () => {
      const mine = await provider.createServer(request());
      const stranger = await provider.createServer(
        request({ labels: { [installationLabel]: `${installation}-other`, [nodeLabel]: "node-other" } }),
      );
      const ids = async (labels: Record<string, string>): Promise<string[]> => {
        return (await provider.listServers({ labels })).map((server) => server.id);
      };
      expect(await ids({ [installationLabel]: installation })).toEqual([mine.id]);
      expect(await ids(mine.labels)).toEqual([mine.id]);
      expect(await ids({ ...mine.labels, [nodeLabel]: "node-other" })).toEqual([]);
      expect(await ids({})).toEqual(expect.arrayContaining([mine.id, stranger.id]));
      await provider.destroyServer(stranger.id);
      await until("the stranger is gone", async () => (await provider.getServer(stranger.id)) === null);
      await destroyAll();
    });

    it("says quota_exceeded when the account is full, and has room again after a destroy", async () => {
      const first = await provider.createServer(request());
      for (let count = 1; count < world.quota; count += 1) await provider.createServer(request());
      const refused = await failure(provider.createServer(request()), "quota_exceeded");
      expect(refused.retryable).toBe(true);
      await provider.destroyServer(first.id);
      await until("the first is gone", async () => (await provider.getServer(first.id)) === null);
      await provider.createServer(request());
      await destroyAll();
    });

    describe("when the transport fails", () => {
      const calls: readonly [string, (over: Provider) => Promise<unknown>][] = [
        ["catalog", (over) => over.catalog()],
        ["createServer", (over) => over.createServer(request())],
        ["getServer", (over) => over.getServer("some-server")],
        ["listServers", (over) => over.listServers({ labels: {} })],
        ["destroyServer", (over) => over.destroyServer("some-server")],
      ];
      const faults: readonly [string, ProviderErrorCode, boolean, Fetch][] = [
        ["never answers", "timeout", true, () => Promise.withResolvers<Response>().promise],
        ["answers with a body that never ends", "timeout", true, () => Promise.resolve(endless())],
        ["breaks", "unavailable", true, () => Promise.reject(new TypeError("socket hang up"))],
        ["answers 500 in HTML", "unavailable", true, () => html(500)],
        ["answers 404 in HTML, which no provider said", "unavailable", true, () => html(404)],
        ["answers 200 in HTML", "unavailable", true, () => html(200)],
        ["answers 200 with other JSON", "unavailable", true, () => Promise.resolve(Response.json({ servers: 3 }))],
        ["answers 401", "unauthorized", false, () => html(401)],
        ["answers 429", "rate_limited", true, () => html(429)],
      ];

      it.each(faults)("and %s, each call ends as %s, retryable: %s", async (_title, code, retryable, fetch) => {
        const over = world.providerOver(fetch, 100);
        const errors = await Promise.all(calls.map(async ([, call]) => failure(call(over), code)));
        for (const error of errors) expect(error.retryable).toBe(retryable);
      });

      it("and the answer to a create is lost, the server is found by its labels and can be destroyed", async () => {
        const lossy = world.providerOver(async (sent) => {
          await world.fetch(sent);
          throw new TypeError("connection reset");
        }, callMs);
        const asked = request();
        await failure(lossy.createServer(asked), "unavailable");
        expect(await provider.listServers({ labels: asked.labels })).toMatchObject([{ name: asked.name }]);
        await destroyAll();
      });
    });
  });
}

async function failure(call: Promise<unknown>, code: ProviderErrorCode): Promise<ProviderError> {
  const outcome = await call.then(
    () => "it succeeded",
    (error: unknown) => error,
  );
  if (!(outcome instanceof ProviderError)) throw new Error(`expected ${code}, but: ${String(outcome)}`);
  expect(outcome.code).toBe(code);
  return outcome;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + settledMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${settledMs} ms: ${what}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

function html(status: number): Promise<Response> {
  return Promise.resolve(new Response("<h1>a proxy's page</h1>", { status, headers: { "content-type": "text/html" } }));
}

function endless(): Response {
  return new Response(new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode("{")) }));
}
