/** The launcher as a real process: what it promises when it is killed, crashed into, started twice or misled. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { freePort } from "../../test/support/free-port.ts";
import { TestSystem } from "../../test/support/running-system.ts";
import { sam } from "../../test/support/sam-process.ts";
import { createStandIn, type StandIn } from "../../test/support/stand-in.ts";
import { until } from "../../test/support/until.ts";
import { type DataDirectory, locateDataDirectory } from "../data-directory/data-directory.ts";
import { isLocked } from "../data-directory/lock.ts";
import { isAlive, readRunRecord } from "../data-directory/run-record.ts";
import { leftoverProcesses } from "../system/leftover-processes.ts";
import { isFree } from "./port.ts";

// Each starts several processes, and the machine may be busy.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let standIn: StandIn;
let directory: DataDirectory;
let systems: TestSystem[] = [];

beforeEach(() => {
  standIn = createStandIn();
  directory = locateDataDirectory(standIn.dataDirectory);
});
afterEach(async () => {
  for (const system of systems) await system.end();
  systems = [];
  standIn.remove();
});

async function up(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<TestSystem> {
  const system = await TestSystem.start(standIn, args, env);
  systems.push(system);
  return system;
}

async function expectNothingLeft(system: TestSystem, workerdPid: number): Promise<void> {
  await until("workerd is gone", () => !isAlive(workerdPid), 2_000);
  await until("the port is free", () => isFree(system.record.port), 2_000);
  expect(leftoverProcesses(directory)).toEqual([]);
  expect(isLocked(directory.lock)).toBe(false);
}

describe("a launcher that is killed outright", () => {
  it("leaves nothing behind, and the next start goes on, with the outage known", async () => {
    const first = await up(["--port", String(await freePort())]);
    const before = await first.echo();
    const { workerdPid } = first;
    await first.process.kill("SIGKILL");
    await expectNothingLeft(first, workerdPid);
    const killedAt = Date.now();
    writeFileSync(directory.alive, String(killedAt - 60_000));

    const second = await up();
    const after = await second.echo();
    expect(after.installationId).toBe(before.installationId);
    expect(after.ownerId).toBe(before.ownerId);
    expect(second.record.port).toBe(first.record.port);
    expect(after.outages).toHaveLength(1);
    expect(after.outages[0]?.from).toBe(killedAt - 60_000);
    expect(after.outages[0]?.to).toBeGreaterThanOrEqual(killedAt);
    expect(readdirSync(directory.temporary).filter((name) => name.startsWith("miniflare-"))).toHaveLength(1);
  });

  it("leaves nothing behind in the middle of its start either", async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "../main.ts"), "up"], {
      env: standIn.env,
      stdio: "ignore",
    });
    const workerdPid = await until(
      "workerd starts",
      () => existsSync(directory.workerdPid) && Number(readFileSync(directory.workerdPid, "utf8")),
    );
    child.kill("SIGKILL");
    await once(child, "exit");
    await until("workerd is gone", () => !isAlive(workerdPid), 2_000);
    const system = await up();
    expect((await system.echo()).provider).toBe("local");
  });
});

describe("a workerd that is killed", () => {
  it("comes back on the same port, while the launcher stays as it is", async () => {
    const system = await up(["--port", String(await freePort())]);
    for (let crash = 0; crash < 2; crash += 1) {
      const { workerdPid } = system;
      process.kill(workerdPid, "SIGKILL");
      await until(
        "another workerd answers",
        async () => system.workerdPid !== workerdPid && (await system.echo()),
        10_000,
      );
    }
    expect(readRunRecord(directory)?.pid).toBe(system.process.pid);
    expect(readRunRecord(directory)?.port).toBe(system.record.port);
    expect(readFileSync(join(directory.logs, "sam.log"), "utf8")).toMatch(/workerd is back after \d+ ms/);
    const { workerdPid } = system;
    expect((await system.process.kill("SIGTERM")).code).toBe(0);
    await expectNothingLeft(system, workerdPid);
  });

  it("still has a schedule and a door afterwards", async () => {
    const system = await up([], { SAM_SWEEP_INTERVAL_MS: "100" });
    process.kill(system.workerdPid, "SIGKILL");
    const { ticks } = await until("it answers again", () => system.echo());
    const later = await until("it ticks on", async () => {
      const now = await system.echo();
      return now.ticks >= ticks + 3 && now;
    });
    expect(later.controlUrl).toBe(system.record.url);
  });
});

describe("a start that cannot be", () => {
  it.each([
    ["a setting that is none", { SAM_SETTINGS: '{"warmMinutes":1}' }, 2, "warmMinutes: there is no such setting"],
    ["a sweep without an interval", { SAM_SWEEP_INTERVAL_MS: "soon" }, 2, "SAM_SWEEP_INTERVAL_MS must be"],
    ["a directory that cannot be written", { SAM_DATA_DIR: "/sys/sam-data" }, 2, "/sys/sam-data cannot be used"],
    ["a control plane that is not built", { SAM_BUNDLES_DIR: "/nonexistent" }, 1, "is not built"],
  ])("ends with a clear error and nothing started: %s", async (_, env, exitCode, expected) => {
    const { code, stderr } = await sam(["up"], { ...standIn.env, ...env });
    expect(code).toBe(exitCode);
    expect(stderr).toContain(expected);
    expect(existsSync(directory.runRecord)).toBe(false);
  });

  it("ends with a clear error for a migration that fails, which is rolled back as a whole", async () => {
    const first = await up();
    await first.process.kill("SIGTERM");
    const file = join(standIn.migrations, "0001_broken.sql");
    writeFileSync(file, "CREATE TABLE half (a);\n--> statement-breakpoint\nCREATE TABLE half (a);");
    const { code, stderr } = await sam(["up"], standIn.env);
    expect(code).toBe(1);
    expect(stderr).toContain("0001_broken.sql failed");
    expect(stderr).toContain("rolled back");
    expect(isLocked(directory.lock)).toBe(false);
    writeFileSync(file, "CREATE TABLE half (a);");
    await up();
    expect(readFileSync(join(directory.logs, "sam.log"), "utf8")).toContain("applied the migrations 0001_broken.sql");
  });
});

describe("a system that is up", () => {
  let shared: StandIn;
  let system: TestSystem;
  const owner = createServer();
  let taken = 0;

  beforeAll(async () => {
    shared = createStandIn();
    await new Promise<void>((resolve) => owner.listen(0, "127.0.0.1", resolve));
    const address = owner.address();
    taken = typeof address === "object" && address !== null ? address.port : 0;
    // Last time's port, which has gone to another program since.
    mkdirSync(shared.dataDirectory);
    writeFileSync(locateDataDirectory(shared.dataDirectory).lastPort, String(taken));
    const env = { SAM_SWEEP_INTERVAL_MS: "100", SAM_SETTINGS: '{"warmMs":1234}' };
    system = await TestSystem.start(shared, ["--json"], env);
  });
  afterAll(async () => {
    await system.end();
    owner.close();
    shared.remove();
  });

  it("refuses a second start on its directory with exit code 2, naming process, port and what to do, and goes on", async () => {
    const { code, stderr } = await sam(["up"], shared.env);
    expect(code).toBe(2);
    expect(stderr).toContain(`process ${system.record.pid} (SAM on port ${system.record.port}`);
    expect(stderr).toContain("sam down");
    const again = await sam(["up", "--detach", "--json"], shared.env);
    expect(again.code).toBe(2);
    expect(JSON.parse(again.stdout)).toMatchObject({ type: "error", exitCode: 2 });
    expect((await system.echo()).version).toBe(system.record.version);
  });

  it("leaves a port in use to its owner, and says which one it took; one that was named is refused", async () => {
    expect(JSON.parse(system.process.stdout)).toMatchObject({ type: "ready", port: system.record.port });
    expect(system.record.port).not.toBe(taken);
    const refused = await sam(["up", "--port", String(taken)], standIn.env);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`Port ${taken} on 127.0.0.1 is in use`);
  });

  it("tells the Worker who and where it is, and lets nobody in without the token", async () => {
    const { record } = system;
    expect(await system.echo()).toMatchObject({
      controlUrl: record.url,
      provider: "local",
      settings: { warmMs: 1234 },
      outages: [],
    });
    const { token } = locateDataDirectory(shared.dataDirectory);
    expect(statSync(token).mode & 0o777).toBe(0o600);
    const valid = readFileSync(token, "utf8");
    writeFileSync(token, "guessed");
    expect((await system.call("GET", "/api/echo")).status).toBe(401);
    writeFileSync(token, valid);
    expect((await system.call("GET", "/api/echo")).status).toBe(200);
  });

  it("has a token for a week, and has forgotten the one that expired", async () => {
    const { tokens } = await system.echo();
    const week = 7 * 24 * 3_600_000;
    expect(tokens).toHaveLength(1);
    expect(Math.abs((tokens[0] ?? 0) - Date.now() - week)).toBeLessThan(120_000);
  });

  it("ticks its schedule, on and on, although a tick fails", async () => {
    await until("the third tick", async () => (await system.echo()).ticks >= 3);
    const log = join(locateDataDirectory(shared.dataDirectory).logs, "sam.log");
    expect(readFileSync(log, "utf8")).toContain("error launcher: the sweep failed");
  });
});

describe("sam down", () => {
  it("stops a detached system in order and proves that nothing remains", async () => {
    const started = await sam(["up", "--detach", "--json"], standIn.env);
    expect(started.code).toBe(0);
    const { pid, port } = JSON.parse(started.stdout) as { pid: number; port: number };
    expect(isAlive(pid)).toBe(true);
    const { code, stdout } = await sam(["down", "--json"], standIn.env);
    expect(code).toBe(0);
    const proofs = (JSON.parse(stdout) as { proofs: { line: string; gone: boolean }[] }).proofs;
    expect(proofs.map(({ line, gone }) => [line, gone])).toEqual([
      ["launcher", true],
      ["control plane", true],
      ["nodes", true],
      ["port", true],
    ]);
    expect(await isFree(port)).toBe(true);
    expect(existsSync(directory.runRecord)).toBe(false);
  });

  it("has nothing to do where nothing runs", async () => {
    const { code, stdout } = await sam(["down"], standIn.env);
    expect(code).toBe(0);
    expect(stdout).toContain("there is nothing to stop");
  });
});

describe("a system in the background", () => {
  it("stops by itself when the command that it was started for is killed", async () => {
    const script = `
      process.argv[1] = ${JSON.stringify(join(import.meta.dirname, "../main.ts"))};
      const { BackgroundSystem } = await import(${JSON.stringify(join(import.meta.dirname, "background.ts"))});
      const { locateDataDirectory } = await import(${JSON.stringify(join(import.meta.dirname, "../data-directory/data-directory.ts"))});
      await BackgroundSystem.start(locateDataDirectory(), null);
      setInterval(() => undefined, 1000);
    `;
    const args = ["--input-type=module-typescript", "--eval", script];
    const child = spawn(process.execPath, args, { env: standIn.env, stdio: ["ignore", "ignore", "inherit"] });
    const record = await until("it is ready", () => readRunRecord(directory));
    child.kill("SIGKILL");
    await once(child, "exit");
    await until("it is gone", () => !isAlive(record.pid) && !isLocked(directory.lock));
    expect(existsSync(directory.runRecord)).toBe(false);
    expect(await isFree(record.port)).toBe(true);
  });
});

describe("a command without a system", () => {
  it("says so and what to do, with exit code 1", async () => {
    const { code, stderr, stdout } = await sam(["tasks", "--json"], standIn.env);
    expect(code).toBe(1);
    expect(stderr).toContain("SAM is not running");
    expect(JSON.parse(stdout)).toMatchObject({ type: "error", exitCode: 1 });
  });
});
