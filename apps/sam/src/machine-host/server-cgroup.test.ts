/** A server's cgroup, tried where this machine has one that may be written; what limits it is tested from inside. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { joining, probeLimits } from "./limit-mechanism.ts";
import { isAlive, readProcess } from "./process-table.ts";
import { removeStaleGroups, ServerCgroup } from "./server-cgroup.ts";
import { until } from "./testing/test-host.ts";

const limits = { memoryLimitBytes: 1024 * 1024 * 1024, pidsLimit: 100, cpuLimit: null };

describe("a server's cgroup", () => {
  it("keeps hold of what has left its parent, its session and its environment, and goes away with it", async () => {
    const { mechanism } = await probeLimits(limits, process.env["PATH"] ?? "");
    // Without cgroups there is nothing to make: the same holds of no directories at all.
    const parents = mechanism.kind === "cgroup-v1" || mechanism.kind === "cgroup-v2" ? mechanism.parents : [];
    const cgroup = ServerCgroup.create(parents, `test-${process.pid}`, limits);
    const [program = "", ...args] = joining(cgroup.joinFiles, [
      "sh",
      "-c",
      "setsid env -i sleep 1000 & exec sleep 1000",
    ]);
    const child = spawn(program, args, { stdio: "ignore" });
    const expected = parents.length === 0 ? 0 : 2;
    await until("both have joined", () => cgroup.members().length === expected);
    const members = cgroup.members().map(readProcess);
    for (const pid of cgroup.members()) process.kill(pid, "SIGKILL");
    child.kill("SIGKILL");
    await until("they have ended", () => members.every((entry) => entry === null || !isAlive(entry)));
    expect(await cgroup.removeWithin(5_000)).toBe(true);
    expect(cgroup.directories.filter((directory) => existsSync(directory))).toEqual([]);
  });

  it("is removed by a later start where a power cut left it, but not while it is young", () => {
    const parent = mkdtempSync(join(tmpdir(), "sam-groups-"));
    for (const name of ["sam-old", "sam-young", "other"]) mkdirSync(join(parent, name));
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const name of ["sam-old", "other"]) utimesSync(join(parent, name), longAgo, longAgo);
    removeStaleGroups([{ directory: parent, version: 2, controllers: [] }]);
    expect(["sam-old", "sam-young", "other"].map((name) => existsSync(join(parent, name)))).toEqual([
      false,
      true,
      true,
    ]);
    rmSync(parent, { recursive: true });
  });
});
