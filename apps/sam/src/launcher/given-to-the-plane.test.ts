/** What a real launcher gives its control plane beside the settings: keys, a link, a sample, the page's files. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { TestSystem } from "../../test/support/running-system.ts";
import { createStandIn, type StandIn } from "../../test/support/stand-in.ts";
import { until } from "../../test/support/until.ts";
import { type DataDirectory, locateDataDirectory } from "../data-directory/data-directory.ts";
import { beginKeyRotation, readSecretsKeys } from "../data-directory/secrets-keys.ts";
import { readFirstTask } from "../first-task/first-task.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let standIn: StandIn;
let directory: DataDirectory;
let system: TestSystem | null = null;

beforeEach(() => {
  standIn = createStandIn();
  directory = locateDataDirectory(standIn.dataDirectory);
});
afterEach(async () => {
  await system?.end();
  system = null;
  standIn.remove();
});

async function up(): Promise<TestSystem> {
  system = await TestSystem.start(standIn);
  return system;
}

const log = () => readFileSync(join(directory.logs, "sam.log"), "utf8");

describe("the keys of the secrets", () => {
  it("that are broken keep the system from starting, and are kept as they are", async () => {
    mkdirSync(directory.path, { recursive: true });
    writeFileSync(directory.secretsKeys, "{}");
    await expect(up()).rejects.toThrow(directory.secretsKeys);
    expect(readFileSync(directory.secretsKeys, "utf8")).toBe("{}");
  });

  it("are drawn at the first start and taken up while it runs; neither a broken file nor none takes them away", async () => {
    const running = await up();
    const [first] = readSecretsKeys(directory) ?? [];
    expect((await running.echo()).secretsKeyIds).toEqual([first?.id]);

    const rotation = beginKeyRotation(directory, Date.now());
    const idsInForce = async () => (await running.echo().catch(() => null))?.secretsKeyIds.join();
    await until("both keys", async () => (await idsInForce()) === `${rotation?.keyId},${first?.id}`);
    rotation?.dropOlder();
    rotation?.release();
    await until("the new key alone", async () => (await idsInForce()) === rotation?.keyId);

    writeFileSync(directory.secretsKeys, "broken");
    await until("the log says that it is broken", () => log().includes("does not hold the keys"));
    rmSync(directory.secretsKeys);
    await until("the log says that it is gone", () => log().includes("is gone; its keys stay in use"));
    expect(await idsInForce()).toBe(rotation?.keyId);
    expect(log()).not.toContain(first?.key ?? "no key");
  });
});

describe("what a newcomer needs", () => {
  it("is there at the first start: a sample, the first task's id, a link that is kept as a hash", async () => {
    const running = await up();
    const echo = await running.echo();
    expect(echo.sampleRepository).toBe(directory.sampleRepository);
    expect(existsSync(join(directory.sampleRepository, "HEAD"))).toBe(true);
    expect(echo.firstTaskId).toBe(readFirstTask(directory));
    expect(echo.linkHashes).toHaveLength(1);
    const [hash = ""] = echo.linkHashes;
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(createHash("sha256").update(hash).digest("hex")).not.toBe(hash);
    expect(log()).not.toContain("/sign-in#");
    expect(echo.extraAgents).toEqual([]);
  });

  it("names the agents that this installation adds", async () => {
    mkdirSync(directory.path, { recursive: true });
    writeFileSync(directory.agents, '{"mine": {"command": ["my-agent"]}}');
    expect((await (await up()).echo()).extraAgents).toEqual(["mine"]);
  });
});

describe("the page", () => {
  it("is served from its build; where there is none, it says how to build it", async () => {
    const running = await up();
    const none = await running.call("GET", "/index.html");
    expect(none.status).toBe(503);
    expect(none.text).toContain("npm run build");
    const entry = join(standIn.env["SAM_BUNDLES_DIR"] ?? "", "web/dist/index.html");
    mkdirSync(dirname(entry), { recursive: true });
    writeFileSync(entry, "<title>SAM</title>");
    expect(await running.call("GET", "/index.html")).toMatchObject({ status: 200, text: "<title>SAM</title>" });
    expect((await running.call("GET", "/..%2f..%2fcontrol/dist/worker.js")).status).toBe(404);
  });
});
