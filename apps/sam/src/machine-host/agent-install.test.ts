/** The installation of agents for servers: asked for over a socket by name, made outside, seen inside, and never written there. */
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { type InstallLine, installLineSchema } from "@sam/protocol/agent-install";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import { findProcesses } from "./process-table.ts";
import { HostingProcess } from "./testing/hosting-process.ts";
import { bootsOn, TestBed, type TestHost, type TestServer, until } from "./testing/test-host.ts";

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bed = new TestBed();
afterAll(() => bed.close());

class Asking {
  readonly lines: InstallLine[] = [];
  readonly socket: Socket;
  readonly closed: Promise<InstallLine | undefined>;

  constructor(server: { readonly disk: string }, request: unknown) {
    this.socket = connect(join(server.disk, "install.sock"));
    const { promise, resolve } = Promise.withResolvers<InstallLine | undefined>();
    this.closed = promise;
    this.socket.on("error", () => undefined);
    this.socket.once("close", () => resolve(this.lines.at(-1)));
    const lines = createInterface({ input: this.socket });
    lines.on("line", (line) => this.lines.push(installLineSchema.parse(JSON.parse(line))));
    lines.on("error", () => undefined);
    this.socket.write(typeof request === "string" ? request : `${JSON.stringify(request)}\n`);
  }

  get hasProgress(): boolean {
    return this.lines.some((line) => line.type === "progress");
  }
}

const ask = (server: TestServer, agentId: string) => new Asking(server, { type: "install", agentId });

interface Start {
  readonly command: string;
  readonly agentId: string;
  readonly recipes: string;
  readonly env: Record<string, string>;
  readonly pid: number;
}

const besides = (cache: string, what: string) => `${cache}.stand-in.${what}`;

function logOf(cache: string): string[] {
  const path = besides(cache, "log");
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
}

function startsOf(cache: string): Start[] {
  return logOf(cache).flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Start] : []));
}

describe.each(["auto", "plain"] as const)("agents in isolation %s", (isolation) => {
  let host: TestHost;
  let server: TestServer;
  let cache: string;
  beforeAll(async () => {
    host = await bed.host({ isolation, env: { ...process.env, npm_config_registry: "http://127.0.0.1:4873/" } });
    server = await host.running("agents");
    cache = join(host.dataDir, "agents");
  });
  afterEach(() => {
    for (const what of ["log", "go"]) rmSync(besides(cache, what), { force: true });
  });

  it("are installed once for all servers that wait, with the environment of whoever started SAM", async () => {
    const other = await host.running("other");
    const askings = [ask(server, "held"), ask(server, "held"), ask(other, "held")];
    await until("all are told of progress", () => askings.every((asking) => asking.hasProgress));
    writeFileSync(besides(cache, "go"), "");
    const folder = join(cache, "held@1.0.0");
    for (const asking of askings) {
      expect(await asking.closed).toEqual({
        ...{ type: "installed", agentId: "held", version: "1.0.0", folder },
        ...{ start: join(folder, "start.js"), runtime: "node" },
      });
    }
    const starts = startsOf(cache);
    expect(starts).toHaveLength(1);
    expect(starts[0]).toMatchObject({
      command: "install",
      agentId: "held",
      recipes: realpathSync(bed.programs.agentRecipes),
    });
    expect(starts[0]?.env).toMatchObject({ npm_config_registry: "http://127.0.0.1:4873/", PATH: process.env["PATH"] });
  });

  it("are seen by a server that was started before, and can't be changed from a sandbox", async () => {
    writeFileSync(besides(cache, "go"), "");
    const end = await ask(server, "late").closed;
    const start = end?.type === "installed" ? end.start : "";
    expect((await server.run(process.execPath, start)).stdout).toBe("it runs\n");
    const written = await server.run("sh", "-c", `echo x >> '${start}' || echo x > '${cache}/new'`);
    expect(written.code === 0).toBe(host.host.isolation()?.processes === "plain");
  });

  it("are no longer installed when nobody waits for them", async () => {
    const first = ask(server, "unwanted");
    const second = ask(server, "unwanted");
    await until("it goes on", () => first.hasProgress && second.hasProgress);
    first.socket.destroy();
    await until("the second is told more", () => second.lines.length > 5);
    expect(logOf(cache)).toHaveLength(1);
    second.socket.destroy();
    await until("the installer was asked to end", () => logOf(cache).includes("SIGTERM"));
    writeFileSync(besides(cache, "go"), "");
    expect(await ask(server, "unwanted").closed).toMatchObject({ type: "installed" });
  });

  it("have their failures told as they are", async () => {
    expect(await ask(server, "broken").closed).toEqual({
      ...{ type: "failed", code: "integrity_mismatch", message: "not what it should be", retryable: false },
    });
  });

  it("leave no process of an installer that died", async () => {
    const end = await ask(server, "dies").closed;
    expect(end).toMatchObject({ type: "failed", code: "interrupted", retryable: true });
    expect(end?.type === "failed" && end.message).toMatch(/SIGKILL.*out of memory/);
    const [start] = startsOf(cache);
    const value = start?.env["SAM_INSTALL_RUN"] ?? "";
    expect(value).not.toBe("");
    expect(findProcesses({ variable: "SAM_INSTALL_RUN", value, match: "exact" })).toEqual([]);
  });

  it("are there even if the installer says more than it should", async () => {
    expect(await ask(server, "garbles").closed).toMatchObject({ type: "installed" });
  });

  it.each([
    ["not json\n"],
    ['{"type":"install","agentId":"../../etc"}\n'],
    ['{"type":"install","agentId":"left-pad@1.0.0"}\n'],
    ['{"type":"install","agentId":"held","package":"left-pad"}\n'],
    ['{"type":"install"}\n'],
    ["x".repeat(64 * 1024)],
  ])("are asked for by a name of the list, and by nothing else: %#", async (line) => {
    expect(await new Asking(server, line).closed).toMatchObject({ type: "failed", code: "unknown_agent" });
    expect(startsOf(cache)).toEqual([]);
  });
});

describe("the end of a machine host", () => {
  it("ends its installations", async () => {
    const host = await bed.host();
    const server = await host.running("ends");
    const cache = join(host.dataDir, "agents");
    const asking = ask(server, "held");
    await until("it goes on", () => asking.hasProgress);
    expect(await host.stop()).toEqual({ unprovenServers: [] });
    expect(logOf(cache).at(-1)).toBe("SIGTERM");
    await asking.closed;
  });

  it("ends its installations even if it is killed", async () => {
    const options = bed.options();
    const hosting = await HostingProcess.start(options);
    const id = await hosting.create("killed");
    const disk = join(options.dataDir, "machine-host/servers", id, "disk");
    await until("it boots", () => bootsOn(disk).length > 0);
    const asking = new Asking({ disk }, { type: "install", agentId: "held" });
    await until("it goes on", () => asking.hasProgress);
    const [start] = startsOf(join(options.dataDir, "agents"));
    const value = start?.env["SAM_INSTALL_RUN"] ?? "";
    const isLeft = () => findProcesses({ variable: "SAM_INSTALL_RUN", value, match: "exact" }).length > 0;
    expect(isLeft()).toBe(true);
    await hosting.killHard();
    await until("the installer has ended", () => !isLeft());
  });
});

describe("the folder of agents", () => {
  it("may be another one, and is never one that would show what servers must not see", async () => {
    const agentCache = join(bed.directory, "shared-agents");
    const host = await bed.host({ agentCache });
    const server = await host.running("shared");
    writeFileSync(besides(agentCache, "go"), "");
    expect(await ask(server, "shared").closed).toMatchObject({ folder: join(agentCache, "shared@1.0.0") });
    expect((await server.run("ls", agentCache)).stdout).toBe("shared@1.0.0\n");
    await host.stop();
    const dataDir = bed.dataDir();
    await expect(bed.host({ dataDir, agentCache: dataDir })).rejects.toThrow(/SAM_AGENT_CACHE/);
    await expect(bed.host({ dataDir, agentCache: "/" })).rejects.toThrow(/SAM_AGENT_CACHE/);
  });
});
