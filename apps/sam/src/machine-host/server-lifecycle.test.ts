/** A server's life in either isolation, with real processes: boot, crash, reboot, stop, boot from disk, deletion. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { TestBed, type TestHost, type TestServer, until, vmAgentsOf } from "./testing/test-host.ts";

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bed = new TestBed();
afterAll(() => bed.close());

/** The VM agent, and the stubborn processes that it starts. */
const usualProcesses = 6;

const extraAgents = { mine: { command: ["/opt/mine", "--acp"], env: {} } };

async function settled(server: TestServer): Promise<void> {
  await until("its processes are up", () => server.processes().length >= usualProcesses);
}

describe.each(["auto", "plain"] as const)("a server in isolation %s", (isolation) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await bed.host({ isolation, extraAgents, timings: { restartFirstMs: 20, restartMaxMs: 200 } });
  });

  it("gives the VM agent its environment, its user data, and nothing of the machine host's own", async () => {
    process.env["SAM_TEST_SECRET"] = "not for servers";
    const server = await host.running("environment", { userData: '{"token":"t0ken"}' });
    delete process.env["SAM_TEST_SECRET"];
    const { env } = await server.boot(1);
    expect(env).toMatchObject({
      SAM_USER_DATA: join(server.disk, "user-data.json"),
      SAM_NODE_DISK: server.disk,
      SAM_CONTROL_URL: "http://127.0.0.1:8787",
      SAM_GIT_RELAY: bed.programs.gitRelay,
      SAM_INSTALL_SOCKET: join(server.disk, "install.sock"),
      SAM_AGENT_CACHE: join(host.dataDir, "agents"),
      SAM_RELAY_SOCKET: join(server.disk, "relay.sock"),
      SAM_RUNBOOK: bed.programs.runbook,
      HOME: join(server.disk, "home"),
    });
    expect(JSON.parse(env["SAM_ISOLATION"] ?? "")).toEqual((await host.call("GET", "/v1/isolation")).body);
    expect(JSON.parse(env["SAM_EXTRA_AGENTS"] ?? "")).toEqual(extraAgents);
    const known =
      /^(SAM_(USER_DATA|EXTRA_AGENTS|NODE_DISK|CONTROL_URL|ISOLATION|GIT_RELAY|RELAY_SOCKET|INSTALL_SOCKET|AGENT_CACHE|RUNBOOK|SERVER_ID|MACHINE_HOST)|PATH|HOME|LANG|TMPDIR|PWD|[A-Z]+_(DIR|HOME|ROOT))$/;
    expect(Object.keys(env).filter((name) => !known.test(name))).toEqual([]);

    const userData = join(server.disk, "user-data.json");
    expect(readFileSync(userData, "utf8")).toBe('{"token":"t0ken"}');
    expect(statSync(userData).mode & 0o777).toBe(0o600);
    const console = join(server.directory, "console.log");
    await until("its output is on the console", () => readFileSync(console, "utf8").includes("stand-in VM agent on"));
    expect(readFileSync(join(server.directory, "server.json"), "utf8")).not.toContain("t0ken");
    await host.call("DELETE", `/v1/servers/${server.id}`);
  });

  it("starts the VM agent again after kill -9, when nothing of the boot before remains, and never two", async () => {
    const server = await host.running("crash");
    for (let crash = 1; crash <= 3; crash += 1) {
      await settled(server);
      const before = server.processes();
      const [vmAgent] = vmAgentsOf(server.id);
      process.kill(vmAgent ?? 0, "SIGKILL");
      await until(`boot ${crash + 1}`, () => {
        expect(vmAgentsOf(server.id).length).toBeLessThanOrEqual(1);
        return server.boots().length === crash + 1;
      });
      const now = new Set(server.processes().map((entry) => `${entry.pid}/${entry.startTicks}`));
      expect(before.filter((entry) => now.has(`${entry.pid}/${entry.startTicks}`))).toEqual([]);
      await server.boot(crash + 1);
    }
    expect(readFileSync(join(server.directory, "console.log"), "utf8")).toMatch(
      /VM agent ended: (killed by SIGKILL|exit code 137)/,
    );
    await host.call("DELETE", `/v1/servers/${server.id}`);
  });

  it("reboots: SIGTERM, then a new boot on the same disk, with the control URL of now", async () => {
    const server = await host.running("reboot");
    writeFileSync(join(server.disk, "kept"), "");
    host.host.setControlUrl("http://127.0.0.1:9999");
    expect((await host.call("POST", `/v1/servers/${server.id}/actions/reboot`)).status).toBe(202);
    const boot = await server.boot(2);
    host.host.setControlUrl("http://127.0.0.1:8787");
    expect(boot.env["SAM_CONTROL_URL"]).toBe("http://127.0.0.1:9999");
    expect(readFileSync(join(server.disk, "events.log"), "utf8")).toBe("SIGTERM\n");
    expect(existsSync(join(server.disk, "kept"))).toBe(true);
    expect(vmAgentsOf(server.id)).toHaveLength(1);
    await host.call("DELETE", `/v1/servers/${server.id}`);
  });

  it("deletes a server: no process, no disk, and the proof is recorded", async () => {
    const server = await host.running("deleted", { labels: { "sam-node": "node_1" } });
    await settled(server);
    // What an ordinary user can't remove without more ado.
    mkdirSync(join(server.disk, "cache/deep"), { recursive: true });
    writeFileSync(join(server.disk, "cache/deep/file"), "");
    await server.run("chmod", "-R", "a-w", join(server.disk, "cache"));
    const temporary = (await server.boot(1)).env["TMPDIR"] ?? "";

    const answers = await Promise.all([1, 2].map(() => host.call("DELETE", `/v1/servers/${server.id}`)));
    for (const { status, body } of answers) expect([status, body.server?.status]).toEqual([202, "deleting"]);
    await until("it is gone", async () => (await server.status()) === null);
    expect(server.processes()).toEqual([]);
    expect(existsSync(server.directory)).toBe(false);
    if (temporary !== "/tmp") expect(existsSync(temporary)).toBe(false);

    const gone = await host.call("GET", `/v1/servers/${server.id}`);
    expect(gone.body.error?.message).toMatch(/was destroyed at \S+: \d+ processes killed, none remains, disk removed/);
    const log = readFileSync(join(host.dataDir, "machine-host/destroyed.jsonl"), "utf8").trim().split("\n");
    const proof = log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .find((line) => line["id"] === server.id);
    expect(proof).toMatchObject({ labels: { "sam-node": "node_1" }, diskRemoved: true, processes: { remaining: [] } });
  });

  it("may be deleted while it is still being created", async () => {
    const server = await host.create("short-lived");
    expect((await host.call("DELETE", `/v1/servers/${server.id}`)).status).toBe(202);
    await until("it is gone", async () => (await server.status()) === null);
    expect(server.processes()).toEqual([]);
  });

  it("stops in order, and the next start boots every server again from its own disk", async () => {
    const first = await bed.host({ isolation });
    const servers = [await first.running("one"), await first.running("two")];
    const [one] = servers;
    await first.call("POST", `/v1/servers/${one?.id}/repositories`, { path: "/srv/project" });
    const before = (await first.call("GET", "/v1/servers")).body.servers;

    expect(await first.stop()).toEqual({ unprovenServers: [] });
    for (const server of servers) {
      expect(readFileSync(join(server.disk, "events.log"), "utf8")).toBe("SIGTERM\n");
      expect(server.processes()).toEqual([]);
    }

    const second = await bed.host({ isolation, dataDir: first.dataDir });
    for (const { id } of servers) await second.server(id).boot(2);
    const after = (await second.call("GET", "/v1/servers")).body.servers;
    expect(after).toEqual(before);
    const record: unknown = JSON.parse(readFileSync(join(one?.directory ?? "", "server.json"), "utf8"));
    expect(record).toMatchObject({ repositories: ["/srv/project"] });
    await second.stop();
  });

  it("goes on with a deletion that a power cut interrupted, and boots that server no more", async () => {
    const first = await bed.host({ isolation });
    const server = await first.running("half-deleted");
    await first.stop();
    const path = join(server.directory, "server.json");
    const record = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    writeFileSync(path, JSON.stringify({ ...record, wanted: "deleted" }));
    const second = await bed.host({ isolation, dataDir: first.dataDir });
    await until("it is gone", async () => (await second.server(server.id).status()) === null);
    expect(existsSync(server.directory)).toBe(false);
    await second.stop();
  });
});

describe("a machine host that starts", () => {
  it("leaves a record that it can't read as it is, says so, and boots the others", async () => {
    const first = await bed.host({ isolation: "plain" });
    const good = await first.running("good");
    const bad = await first.running("bad");
    await first.stop();
    writeFileSync(join(bad.directory, "server.json"), "{ half");
    const lines: string[] = [];
    const second = await bed.host({ isolation: "plain", dataDir: first.dataDir, log: (line) => lines.push(line) });
    await second.server(good.id).boot(2);
    expect((await second.call("GET", "/v1/servers")).body.servers?.map((server) => server.id)).toEqual([good.id]);
    expect(existsSync(bad.disk)).toBe(true);
    expect(lines).toContainEqual(expect.stringContaining(`${bad.directory} is left as it is`));
    await second.stop();
  });

  it("backs off from a VM agent that ends at once, and keeps saying that the server is starting", async () => {
    const vmAgent = join(bed.directory, "broken.mjs");
    writeFileSync(vmAgent, "process.exit(3)");
    const timings = { restartFirstMs: 50, restartMaxMs: 400 };
    const broken = await bed.host({ isolation: "plain", programs: { ...bed.programs, vmAgent }, timings });
    const server = await broken.create("broken");
    const console = (): string =>
      existsSync(join(server.directory, "console.log"))
        ? readFileSync(join(server.directory, "console.log"), "utf8")
        : "";
    const ends = (): number => console().split("VM agent ended: exit code 3").length - 1;
    const startedAt = Date.now();
    await until("it was tried four times", () => ends() >= 4);
    // 50 + 100 + 200 ms of pauses lie between four starts.
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(350);
    expect(["starting", "running"]).toContain(await server.status());
    await broken.stop();
  });

  it("kills a VM agent that does not end by itself within its grace", async () => {
    const vmAgent = join(bed.directory, "deaf.mjs");
    writeFileSync(
      vmAgent,
      `import { writeFileSync } from "node:fs";
       process.on("SIGTERM", () => writeFileSync(process.env.SAM_NODE_DISK + "/heard", ""));
       writeFileSync(process.env.SAM_NODE_DISK + "/up", "");
       setInterval(() => {}, 1000);`,
    );
    const deaf = await bed.host({ programs: { ...bed.programs, vmAgent }, timings: { stopGraceMs: 300 } });
    const server = await deaf.create("deaf");
    await until("it is up", () => existsSync(join(server.disk, "up")));
    expect(await deaf.stop()).toEqual({ unprovenServers: [] });
    expect(existsSync(join(server.disk, "heard"))).toBe(true);
    expect(server.processes()).toEqual([]);
  });
});
