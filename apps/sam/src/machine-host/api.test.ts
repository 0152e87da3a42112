/** The machine host's API as a client sees it: what it refuses, and in which words. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { createMachineHost } from "./machine-host.ts";
import { TestBed, type TestHost, until } from "./testing/test-host.ts";

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bed = new TestBed();
let host: TestHost;

beforeAll(async () => {
  host = await bed.host({ isolation: "plain", maxServers: 3 });
});
afterAll(() => bed.close());

const good = { name: "good", machineType: "local", location: "this-machine", labels: {}, userData: "{}" };

describe("creating a server", () => {
  it.each([
    ["body", "not json"],
    ["body", "[]"],
    ["name", { ...good, name: "Not A Host Name" }],
    ["name", { ...good, name: "-x" }],
    ["name", { ...good, name: "x".repeat(64) }],
    ["name", { ...good, name: undefined }],
    ["machineType", { ...good, machineType: "cx22" }],
    ["location", { ...good, location: "fsn1" }],
    ["labels", { ...good, labels: ["a"] }],
    ["labels.role", { ...good, labels: { role: "a b" } }],
    ["labels.role", { ...good, labels: { role: 3 } }],
    ["labels", { ...good, labels: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`k${index}`, "v"])) }],
    ["userData", { ...good, userData: "x".repeat(64 * 1024 + 1) }],
    ["body", { ...good, userData: "x".repeat(300 * 1024) }],
  ])("refuses a bad %s with 422, naming it, and makes nothing", async (field, body) => {
    const answer = await host.call("POST", "/v1/servers", body);
    expect(answer).toMatchObject({ status: 422, body: { error: { code: "invalid_input", field } } });
    expect(answer.body.error?.message).toMatch(new RegExp(`^${field}: `));
    expect((await host.call("GET", "/v1/servers")).body.servers).toEqual([]);
  });

  it("answers 503 and keeps nothing when no disk can be made", async () => {
    const dataDir = bed.dataDir();
    const full = await bed.host({ isolation: "plain", dataDir });
    const servers = join(dataDir, "machine-host/servers");
    rmSync(servers, { recursive: true });
    writeFileSync(servers, "in the way");
    const answer = await full.call("POST", "/v1/servers", good);
    expect(answer).toMatchObject({ status: 503, body: { error: { code: "resource_unavailable" } } });
    expect((await full.call("GET", "/v1/servers")).body.servers).toEqual([]);
    rmSync(servers);
    mkdirSync(servers);
    expect((await full.call("POST", "/v1/servers", good)).status).toBe(201);
  });
});

describe("what isn't there", () => {
  it("answers 404 for a server and for a path, 405 for a method", async () => {
    for (const [method, path, status, code] of [
      ["GET", "/v1/servers/srv_none", 404, "not_found"],
      ["DELETE", "/v1/servers/srv_none", 404, "not_found"],
      ["DELETE", "/v1/servers/..%2Fx%", 404, "not_found"],
      ["POST", "/v1/servers/srv_none/actions/reboot", 404, "not_found"],
      ["POST", "/v1/servers/srv_none/repositories", 404, "not_found"],
      ["GET", "/v2/servers", 404, "not_found"],
      ["PUT", "/v1/servers", 405, "method_not_allowed"],
    ] as const) {
      expect(await host.call(method, path), `${method} ${path}`).toMatchObject({ status, body: { error: { code } } });
    }
  });

  it("answers 503 before the start and after the stop, and can be stopped twice", async () => {
    const other = createMachineHost(bed.options({ isolation: "plain" }));
    const status = async (): Promise<number> => (await other.handle(new Request("http://x/v1/servers"))).status;
    expect(await status()).toBe(503);
    await expect(other.start()).rejects.toThrow("setControlUrl");
    other.setControlUrl("http://127.0.0.1:1");
    await other.start();
    expect(await status()).toBe(200);
    expect(await Promise.all([other.stop(), other.stop()])).toEqual([{ unprovenServers: [] }, { unprovenServers: [] }]);
    expect(await status()).toBe(503);
  });
});

describe("listing servers", () => {
  it.each([
    ["page", "page=0"],
    ["page", "page=x"],
    ["perPage", "perPage=51"],
    ["labelSelector.0", "labelSelector=novalue"],
  ])("refuses a bad %s", async (field, query) => {
    const answer = await host.call("GET", `/v1/servers?${query}`);
    expect(answer).toMatchObject({ status: 422, body: { error: { code: "invalid_input", field } } });
  });

  it("pages, oldest first", async () => {
    const created = [];
    for (const name of ["a", "b", "c"]) created.push((await host.create(name, { labels: { role: "paged" } })).id);
    const page = async (number: number): Promise<unknown> => {
      const { body } = await host.call("GET", `/v1/servers?labelSelector=role%3Dpaged&perPage=2&page=${number}`);
      return [body.servers?.map((server) => server.id), body["meta"]];
    };
    const meta = { perPage: 2, lastPage: 2, totalEntries: 3 };
    expect(await page(1)).toEqual([
      created.slice(0, 2),
      { pagination: { ...meta, page: 1, previousPage: null, nextPage: 2 } },
    ]);
    expect(await page(2)).toEqual([
      created.slice(2),
      { pagination: { ...meta, page: 2, previousPage: 1, nextPage: null } },
    ]);
    for (const id of created) expect((await host.call("DELETE", `/v1/servers/${id}`)).status).toBe(202);
    await until("all are gone", async () => (await host.call("GET", "/v1/servers")).body.servers?.length === 0);
  });
});

describe("attaching a repository", () => {
  it.each(["relative/path", "", 7])("refuses %j with 422, naming the path", async (path) => {
    const { id } = await host.create("attach");
    const answer = await host.call("POST", `/v1/servers/${id}/repositories`, { path });
    expect(answer).toMatchObject({ status: 422, body: { error: { code: "invalid_input", field: "path" } } });
    await host.call("DELETE", `/v1/servers/${id}`);
    await until("it is gone", async () => (await host.call("GET", `/v1/servers/${id}`)).status === 404);
  });

  it("is idempotent and durable", async () => {
    const server = await host.create("attach-twice");
    for (let round = 0; round < 2; round += 1) {
      const answer = await host.call("POST", `/v1/servers/${server.id}/repositories`, { path: "/srv/project" });
      expect(answer).toEqual({ status: 200, body: { repository: { path: "/srv/project" } } });
    }
    const record: unknown = JSON.parse(readFileSync(join(server.directory, "server.json"), "utf8"));
    expect(record).toMatchObject({ repositories: ["/srv/project"] });
    await host.call("DELETE", `/v1/servers/${server.id}`);
    await until("it is gone", () => !existsSync(server.directory));
  });
});

describe("the catalog", () => {
  it("is this machine, read just now from the operating system, with the limits that are in force", async () => {
    const { body } = await host.call("GET", "/v1/machine-types");
    const isolation = (await host.call("GET", "/v1/isolation")).body;
    expect(Date.now() - Date.parse(String(body["readAt"]))).toBeLessThan(10_000);
    const memory = Number(/^MemTotal:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1]) * 1024;
    const [type] = body["machineTypes"] as readonly Record<string, unknown>[];
    expect(type).toMatchObject({
      name: "local",
      locations: ["this-machine"],
      monthlyPrice: { amount: 0 },
      maxServers: 3,
    });
    expect(type?.["memoryBytes"]).toBeLessThanOrEqual(memory);
    expect(type?.["serverLimits"] === null).toBe(isolation["limits"] === "none");
  });
});
