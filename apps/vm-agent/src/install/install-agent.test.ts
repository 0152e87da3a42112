/** The installation of an agent by a real npm: it is whole, or it isn't there and the reason is said. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { waitFor } from "../testing/wait-for.ts";
import { InstallBed } from "./testing/install-bed.ts";
import type { Delivery } from "./testing/registry-stand-in.ts";

// Real npm processes on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let bed: InstallBed;
beforeEach(async () => {
  bed = await InstallBed.make();
});
afterEach(() => bed.end());

/** Nothing is left of an attempt that failed, and the next one succeeds as if it had never been. */
async function expectNothingKept(): Promise<void> {
  expect(bed.cached()).toEqual([]);
  bed.registry.deliver("demo", "whole");
  const { start } = await bed.install();
  expect(execFileSync(process.execPath, [start], { encoding: "utf8", timeout: 10_000 })).toBe("demo runs\n");
  expect(bed.cached()).toEqual(["demo@1.0.0"]);
}

describe("an installation", () => {
  it("is made once, and then found without npm and without the network", async () => {
    const installed = await bed.install();
    expect(installed).toMatchObject({ agentId: "demo", version: "1.0.0", folder: join(bed.cache, "demo@1.0.0") });
    expect(execFileSync(process.execPath, [installed.start], { encoding: "utf8", timeout: 10_000 })).toBe(
      "demo runs\n",
    );
    await bed.registry.stop();
    expect(await bed.install({ env: { PATH: "" } })).toEqual(installed);
    expect(bed.tarballRequests()).toBe(1);
  });

  it("tells the bytes that are there while they arrive", async () => {
    await bed.end();
    bed = await InstallBed.make(8_000_000);
    bed.registry.deliver("demo", "held");
    const installing = bed.install();
    await waitFor("half of it on the disk", () => bed.progress.some((bytes) => bytes > 1_000_000));
    bed.registry.release();
    await installing;
    expect(bed.progress).toEqual([...new Set(bed.progress)].toSorted((a, b) => a - b));
  });

  it("uses the registry that the person's npm is configured with, and no other setting for projects of theirs", async () => {
    const { npm_config_registry: registry, ...env } = bed.env;
    writeFileSync(
      join(bed.home, ".npmrc"),
      `registry=${registry}\nomit=optional\nglobal=true\ninstall-strategy=nested\n`,
    );
    const installed = await bed.install({
      env: { ...env, INIT_CWD: "/nowhere", npm_package_json: "/nowhere/package.json", npm_command: "run-script" },
    });
    expect(existsSync(installed.start)).toBe(true);
    expect(bed.registry.requests.length).toBeGreaterThan(0);
  });

  it("runs no script of a package", async () => {
    const mark = join(bed.folder, "a-script-ran");
    const manifest = { scripts: { install: `touch ${mark}`, postinstall: `touch ${mark}` } };
    const loud = bed.registry.add("demo", { "start.js": "" }, 0, manifest);
    bed.writeRecipe([loud]);
    await bed.install();
    expect(existsSync(mark)).toBe(false);
  });
});

describe("what fails", () => {
  it.each<[Delivery, string, boolean]>([
    ["cut", "registry_unreachable", true],
    ["forged", "integrity_mismatch", false],
    ["missing", "package_missing", false],
    ["refused", "registry_refused", false],
  ])("is named where the registry's answer is %s, and nothing is kept", async (delivery, code, retryable) => {
    bed.registry.deliver("demo", delivery);
    await expect(bed.install()).rejects.toMatchObject({ name: "Error", code, retryable });
    await expectNothingKept();
  });

  it("is the network, where nobody answers", async () => {
    const env = { ...bed.env, npm_config_registry: "http://127.0.0.1:9/" };
    await expect(bed.install({ env })).rejects.toMatchObject({
      code: "registry_unreachable",
      message: expect.stringMatching(/ECONNREFUSED.*npm ping/s),
    });
    await expectNothingKept();
  });

  it("is npm, where there is none", async () => {
    const install = bed.install({ env: { ...bed.env, PATH: "/nonexistent" } });
    await expect(install).rejects.toMatchObject({ code: "npm_missing" });
    await expectNothingKept();
  });

  it("is what doesn't arrive", async () => {
    bed.registry.deliver("demo", "held");
    await expect(bed.install({ limits: { stalledMs: 1_500 } })).rejects.toMatchObject({ code: "stalled" });
    await expect(bed.install({ limits: { totalMs: 1_000 } })).rejects.toMatchObject({ code: "timed_out" });
    await expectNothingKept();
  });

  it("is the disk, before anything is fetched for which there is no room", async () => {
    const demo = bed.registry.add("demo", { "start.js": "console.log('demo runs')\n" });
    bed.writeRecipe([demo], { megabytes: 1e9 });
    await expect(bed.install()).rejects.toMatchObject({ code: "disk_full" });
    expect(bed.registry.requests).toEqual([]);
    bed.writeRecipe([demo]);
    await expectNothingKept();
  });

  it("is a cache that can't be made", async () => {
    writeFileSync(bed.cache, "a file");
    await expect(bed.install()).rejects.toMatchObject({ code: "cache_unusable" });
    rmSync(bed.cache);
    await expectNothingKept();
  });

  it("is a recipe whose program no package brings", async () => {
    const demo = bed.registry.add("demo", { "other.js": "" });
    bed.writeRecipe([demo]);
    await expect(bed.install()).rejects.toMatchObject({ code: "incomplete" });
    expect(bed.cached()).toEqual([]);
  });

  it.each(["another", "../demo", "demo/../demo", "", "Demo", "demo@1.0.0"])(
    "is an agent without a recipe: %j",
    async (agentId) => {
      await expect(bed.install({ agentId })).rejects.toMatchObject({ code: "unknown_agent" });
      expect(bed.registry.requests).toEqual([]);
    },
  );

  it("is nobody's fault where the installation is no longer wanted", async () => {
    bed.registry.deliver("demo", "held");
    const wanted = new AbortController();
    const installing = bed.install({ signal: wanted.signal });
    await waitFor("the download", () => bed.registry.heldCount > 0);
    wanted.abort(new Error("cancelled"));
    await expect(installing).rejects.toThrow("cancelled");
    await expectNothingKept();
  });
});

describe("a cache that is removed in the middle", () => {
  it("is there again for the next installation", async () => {
    bed.registry.deliver("demo", "held");
    const wanted = new AbortController();
    const installing = bed.install({ signal: wanted.signal });
    await waitFor("the download", () => bed.registry.heldCount > 0);
    rmSync(bed.cache, { recursive: true });
    wanted.abort(new Error("nobody waits for it"));
    await expect(installing).rejects.toThrow("nobody waits for it");
    await expectNothingKept();
  });
});

describe("an installation that is not whole", () => {
  const noise = () => join(bed.cache, "demo@1.0.0/node_modules/demo/noise.txt");
  const stamp = () => join(bed.cache, "demo@1.0.0/.sam-installed.json");
  beforeEach(async () => {
    await bed.end();
    bed = await InstallBed.make(100_000);
    await bed.install();
  });

  it.each<[string, () => void]>([
    ["a file is empty", () => truncateSync(noise(), 0)],
    ["a file is gone", () => rmSync(noise())],
    ["the program is gone", () => rmSync(join(bed.cache, "demo@1.0.0/node_modules/demo/start.js"))],
    ["all packages are gone", () => rmSync(join(bed.cache, "demo@1.0.0/node_modules"), { recursive: true })],
    ["the stamp is gone", () => rmSync(stamp())],
    ["the stamp is garbled", () => writeFileSync(stamp(), "{")],
    [
      "the stamp is another lockfile's",
      () => writeFileSync(stamp(), readFileSync(stamp(), "utf8").replace(/[0-9a-f]/, "x")),
    ],
  ])("is made anew: %s", async (_what, damage) => {
    damage();
    const { start } = await bed.install();
    expect(readFileSync(noise(), "utf8")).toHaveLength(100_000);
    expect(existsSync(start)).toBe(true);
    expect(bed.cached()).toEqual(["demo@1.0.0"]);
  });

  it("is not one to which something was added", async () => {
    writeFileSync(join(bed.cache, "demo@1.0.0/node_modules/demo/cache.bin"), "its own");
    await bed.install({ env: { PATH: "" } });
    expect(readdirSync(join(bed.cache, "demo@1.0.0/node_modules/demo"))).toContain("cache.bin");
  });
});
