/**
 * The installation of a real agent, from nothing: asked for from inside of a sandbox, made outside of it by this machine's
 * npm, seen inside without a restart, and started there.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { buildSync } from "esbuild";
import { afterAll, describe, expect, it } from "vitest";

import { TestBed, type TestServer, until } from "../../../apps/sam/src/machine-host/testing/test-host.ts";

interface Report {
  readonly version?: string;
  readonly folder?: string;
  readonly progress: readonly number[];
  readonly installMs?: number;
  readonly answer?: { readonly result?: { readonly agentInfo?: { readonly name: string; readonly version: string } } };
  readonly error?: string;
}

const vmAgent = fileURLToPath(new URL("../../../apps/vm-agent", import.meta.url));
const installTimeoutMs = 170_000;

const bed = new TestBed();
afterAll(() => bed.close());

let reports = 0;

/** Runs the program in the server; the machine host's stand-in for a VM agent doesn't wait for long ones. */
async function installIn(server: TestServer, agentId: string): Promise<Report> {
  reports += 1;
  const outfile = join(server.disk, "installing-node.mjs");
  const entry = fileURLToPath(new URL("installing-node.ts", import.meta.url));
  buildSync({ entryPoints: [entry], outfile, bundle: true, platform: "node", format: "esm", target: "node24" });
  const report = join(server.disk, `report-${reports}.json`);
  const run = `"$0" "$1" "$2" > "$3.part" 2> "$3.errors" && mv "$3.part" "$3"`;
  const inBackground = `{ ${run}; } & exit 0`;
  await server.run("sh", "-c", inBackground, process.execPath, outfile, agentId, report);
  await until(`the report on ${agentId}`, () => existsSync(report), installTimeoutMs);
  return JSON.parse(readFileSync(report, "utf8")) as Report;
}

const programs = {
  ...bed.programs,
  agentInstaller: join(vmAgent, "dist/agent-installer.mjs"),
  agentRecipes: join(vmAgent, "agents"),
};

describe("codex", () => {
  it("is installed at first use, from inside of a sandbox that can't write it, and found at the second", async () => {
    const host = await bed.host({ programs });
    expect(host.host.isolation()?.processes).toBe("bubblewrap");
    const server = await host.running("codex");
    const cache = join(host.dataDir, "agents");
    const first = await installIn(server, "codex");
    expect(first).toMatchObject({ version: "2.6.0", folder: join(cache, "codex@2.6.0") });
    expect(first.answer?.result?.agentInfo).toMatchObject({ version: "2.6.0" });
    // Looked at every now and then, so the last look may be long before the end; bytes that are there stay.
    expect(first.progress.length).toBeGreaterThan(0);
    expect(first.progress.every((bytes, look) => bytes > (first.progress[look - 1] ?? 0))).toBe(true);
    const write = await server.run(
      "sh",
      "-c",
      `echo x > '${cache}/codex@2.6.0/x' || rm '${cache}/codex@2.6.0/package.json'`,
    );
    expect(write.code).not.toBe(0);
    expect(readdirSync(cache).filter((name) => !name.endsWith(".lock"))).toEqual(["codex@2.6.0"]);

    const second = await installIn(server, "codex");
    expect(second).toMatchObject({ folder: first.folder, progress: [] });
    expect(second.installMs).toBeLessThan((first.installMs ?? 0) / 2);
  });

  it("is not replaced by what a node names instead", async () => {
    const host = await bed.host({ programs });
    const server = await host.running("another");
    expect((await installIn(server, "left-pad")).error).toMatch(/SAM installs no agent "left-pad"/);
    expect(existsSync(join(host.dataDir, "agents/left-pad@1.0.0"))).toBe(false);
  });
});
