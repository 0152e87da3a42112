/** Installers as processes: side by side, killed, on a disk that fills up, asked to end. */
import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { readProcessTable, readProcFile } from "../process/process-table.ts";
import { waitFor } from "../testing/wait-for.ts";
import { keptMs } from "./old-installations.ts";
import { InstallBed } from "./testing/install-bed.ts";

// Real npm processes on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

let bed: InstallBed;
beforeEach(async () => {
  bed = await InstallBed.make(2_000_000);
});
afterEach(() => bed.end());

/** The processes that work in the bed's cache. */
function workers(): number[] {
  const pids = readProcessTable().flatMap(({ pid, isZombie }) => (isZombie ? [] : [pid]));
  return pids.filter((pid) => readProcFile(pid, "environ")?.includes(`HOME=${bed.home}`) === true);
}

async function expectInstalled(): Promise<void> {
  const { start } = await bed.install();
  expect(execFileSync(process.execPath, [start], { encoding: "utf8", timeout: 10_000 })).toBe("demo runs\n");
  await waitFor("only the installation is left", () => bed.cached().join() === "demo@1.0.0");
}

describe("installers side by side", () => {
  it("fetch once: the others wait and tell how it goes", async () => {
    bed.registry.deliver("demo", "held");
    const installers = [bed.start(), bed.start(), bed.start()];
    const inThisProcess = [bed.install(), bed.install()];
    await waitFor("all of them see it grow", () =>
      installers.every(({ lines }) => lines.some((line) => line.type === "progress" && line.bytes > 100_000)),
    );
    bed.registry.release();
    const ends = [
      ...(await Promise.all(installers.map((each) => each.lastLine()))),
      ...(await Promise.all(inThisProcess)),
    ];
    expect(ends.map((end) => end?.type)).toEqual(Array.from({ length: 5 }, () => "installed"));
    expect(bed.tarballRequests()).toBe(1);
    await expectInstalled();
  });

  it("go on where the one that fetched was killed", async () => {
    bed.registry.deliver("demo", "held");
    const first = bed.start();
    await waitFor("its download", () => bed.registry.heldCount === 1);
    const second = bed.start();
    first.child.kill("SIGKILL");
    await waitFor("the second one's download", () => bed.registry.heldCount === 2);
    bed.registry.release();
    expect(await second.lastLine()).toMatchObject({ type: "installed" });
    await waitFor("the npm of the killed one has ended, too", () => workers().length === 0);
    await expectInstalled();
  });
});

describe("an installer that ends in the middle", () => {
  it("leaves nothing that is taken for an agent when it is killed", async () => {
    bed.registry.deliver("demo", "held");
    const killed = bed.start();
    await waitFor("its download", () => bed.registry.heldCount > 0);
    killed.child.kill("SIGKILL");
    await killed.exited;
    expect(bed.cached().some((name) => name.startsWith("demo@"))).toBe(false);
    bed.registry.deliver("demo", "whole");
    bed.registry.release();
    await waitFor("its npm has ended", () => workers().length === 0);
    await expectInstalled();
  });

  it("ends npm, keeps nothing and says so when it is asked to end", async () => {
    bed.registry.deliver("demo", "held");
    const asked = bed.start();
    await waitFor("its download", () => bed.registry.heldCount > 0);
    asked.child.kill("SIGTERM");
    expect(await asked.lastLine()).toMatchObject({ type: "failed", code: "interrupted", retryable: true });
    expect(await asked.exited).toBe(1);
    expect(workers()).toEqual([]);
    expect(bed.cached()).toEqual([]);
  });
});

describe("a disk that fills up", () => {
  it("is named, with nothing kept, and enough of it is enough", async () => {
    const isRoot = process.getuid?.() === 0;
    const namespaces = isRoot ? ["--mount"] : ["--mount", "--user", "--map-root-user"];
    const mount = 'mount -t tmpfs -o "size=$1" tmpfs "$0" && shift && exec "$@"';
    mkdirSync(bed.cache);
    const withDisk = (size: string) => ["unshare", ...namespaces, "/bin/sh", "-c", mount, bed.cache, size];
    const full = bed.start(withDisk("1500k"));
    expect(await full.lastLine()).toMatchObject({
      type: "failed",
      code: "disk_full",
      message: expect.stringMatching(/Free some space/),
    });
    expect(await bed.start(withDisk("20m")).lastLine()).toMatchObject({ type: "installed" });
  });
});

describe("other versions of an agent", () => {
  const weekAgo = new Date(Date.now() - keptMs - 60_000);

  function addVersion(version: string, usedAt: Date): string {
    const folder = join(bed.cache, `demo@${version}`);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, ".sam-installed.json"), "{}");
    utimesSync(join(folder, ".sam-installed.json"), usedAt, usedAt);
    return folder;
  }

  it("are removed when nobody asked for them for a week and nothing runs from them", async () => {
    addVersion("0.1.0", weekAgo);
    addVersion("0.2.0", new Date());
    const used = addVersion("0.3.0", weekAgo);
    addVersion("0.4.0", weekAgo);
    copyFileSync("/bin/sleep", join(used, "agent"));
    execFileSync("chmod", ["755", join(used, "agent")], { timeout: 5_000 });
    const agent = spawn(join(used, "agent"), ["1000"], { stdio: "ignore" });
    try {
      await bed.install();
      expect(bed.cached().toSorted()).toEqual(["demo@0.2.0", "demo@0.3.0", "demo@1.0.0"]);
    } finally {
      agent.kill("SIGKILL");
    }
  });

  it("are not looked at for another agent, and a current one stays however old it is", async () => {
    await bed.install();
    utimesSync(join(bed.cache, "demo@1.0.0/.sam-installed.json"), weekAgo, weekAgo);
    mkdirSync(join(bed.cache, "demo-two@0.1.0"));
    utimesSync(join(bed.cache, "demo-two@0.1.0"), weekAgo, weekAgo);
    await bed.install({ env: { PATH: "" } });
    expect(bed.cached().toSorted()).toEqual(["demo-two@0.1.0", "demo@1.0.0"]);
  });
});

describe("the installer's program", () => {
  const run = (...args: string[]) => {
    const program = join(import.meta.dirname, "installer-main.ts");
    return execFileSync(process.execPath, [program, ...args], { encoding: "utf8", stdio: "pipe", timeout: 20_000 });
  };

  it("lists what there is", async () => {
    const list = () => JSON.parse(run("list", "--cache", bed.cache, "--recipes", bed.recipes)) as unknown;
    const agent = { agentId: "demo", version: "1.0.0", megabytes: 1 };
    expect(list()).toEqual({ ...agent, condition: "absent" });
    await bed.install();
    expect(list()).toEqual({ ...agent, condition: "whole" });
    writeFileSync(join(bed.cache, "demo@1.0.0/node_modules/demo/noise.txt"), "");
    expect(list()).toEqual({ ...agent, condition: "damaged" });
  });

  it.each([
    [["install", "demo"]],
    [["list", "--cache", "relative", "--recipes", "/x"]],
    [["remove", "--cache", "/x", "--recipes", "/x"]],
  ])("refuses to be called wrongly: %j", (args) => {
    expect(() => run(...args)).toThrow(expect.objectContaining({ status: 64 }));
  });
});
