import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { parseCgroupLocation } from "./cgroup-location.ts";
import { unifiedParents } from "./limit-mechanism.ts";

const v2Mount = "30 25 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";

describe("where this process stands in the cgroup hierarchies", () => {
  it("is nowhere without cgroups, or where /proc says nothing that makes sense", () => {
    expect(parseCgroupLocation("", "")).toEqual({ unified: null, v1: new Map() });
    expect(parseCgroupLocation("nonsense\n0::/x\n", "nonsense - \n1 2 - cgroup\n")).toEqual({
      unified: null,
      v1: new Map(),
    });
  });

  it("is one directory on a v2 machine", () => {
    const { unified, v1 } = parseCgroupLocation("0::/user.slice/user-1000.slice/session-1.scope\n", v2Mount);
    expect(unified?.directory).toBe("/sys/fs/cgroup/user.slice/user-1000.slice/session-1.scope");
    expect(v1.size).toBe(0);
  });

  it("is one directory per controller on a hybrid machine", () => {
    const mounts = [
      "31 25 0:27 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory",
      "32 25 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
      "33 25 0:29 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
    ];
    const { unified, v1 } = parseCgroupLocation(
      "5:memory:/a/b\n4:cpu,cpuacct:/\n1:name=systemd:/c\n0::/d\n",
      mounts.join("\n"),
    );
    expect(Object.fromEntries(v1)).toEqual({
      memory: "/sys/fs/cgroup/memory/a/b",
      cpu: "/sys/fs/cgroup/cpu,cpuacct/",
      cpuacct: "/sys/fs/cgroup/cpu,cpuacct/",
    });
    expect(unified).toEqual({ directory: "/sys/fs/cgroup/unified/d", mount: "/sys/fs/cgroup/unified" });
  });

  it("is inside of what a container's mount shows, blanks and all", () => {
    const mount = "31 25 0:27 /docker/abc /sys/fs/my\\040cgroup rw - cgroup cgroup rw,memory";
    expect(parseCgroupLocation("5:memory:/docker/abc/x\n", mount).v1.get("memory")).toBe("/sys/fs/my cgroup/x");
  });
});

describe("the v2 groups below which a server's group may be made", () => {
  it("are the ancestors that hand memory and pids down, the nearest first, and never one outside of the mount", () => {
    const mount = mkdtempSync(join(tmpdir(), "sam-cgroup-"));
    const own = join(mount, "user.slice/app.slice/terminal.scope");
    mkdirSync(own, { recursive: true });
    const hand = (directory: string, controllers: string): void =>
      writeFileSync(join(mount, directory, "cgroup.subtree_control"), `${controllers}\n`);
    hand(".", "cpu memory pids");
    hand("user.slice", "pids");
    hand("user.slice/app.slice", "memory pids");
    hand("user.slice/app.slice/terminal.scope", "");
    expect(unifiedParents({ unified: { directory: own, mount }, v1: new Map() })).toEqual([
      { directory: join(mount, "user.slice/app.slice"), version: 2, controllers: ["memory", "pids"] },
      { directory: mount, version: 2, controllers: ["memory", "pids", "cpu"] },
    ]);
    expect(unifiedParents({ unified: null, v1: new Map() })).toEqual([]);
    rmSync(mount, { recursive: true });
  });
});
