/** What a server can see, and what it can take: tried out from inside, against what the machine host says is in force. */
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { inspectIsolation } from "./machine-host.ts";
import { isAlive } from "./process-table.ts";
import { commandLineOf, TestBed, type TestHost, type TestServer, until, vmAgentsOf } from "./testing/test-host.ts";

// Real processes on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const bed = new TestBed();
afterAll(() => bed.close());

/** More than Node reserves at its start, which a limit per process counts too. */
const memoryLimitBytes = 1024 * 1024 * 1024;

describe("the sandbox", () => {
  let host: TestHost;
  let server: TestServer;
  const home = join(bed.directory, "home");

  beforeAll(async () => {
    mkdirSync(join(home, ".ssh"), { recursive: true });
    writeFileSync(join(home, ".ssh/id_ed25519"), "a private key");
    mkdirSync(join(home, ".local/bin"), { recursive: true });
    writeFileSync(join(home, ".local/bin/my-tool"), "#!/bin/sh\necho my tool runs\n", { mode: 0o755 });
    const env = { ...process.env, HOME: home, PATH: `${join(home, ".local/bin")}:/usr/bin:/bin` };
    const dataDir = bed.dataDir();
    writeFileSync(join(dataDir, "token"), "the control plane's token");
    host = await bed.host({ dataDir, env });
    server = await host.running("inside");
  });

  it("is bubblewrap's on a machine that has it", () => {
    expect(host.host.isolation()?.processes).toBe("bubblewrap");
  });

  it("shows neither the home directory, nor the data directory, nor another server's disk", async () => {
    const other = await host.running("other");
    for (const path of [
      join(home, ".ssh"),
      join(homedir(), ".ssh"),
      join(homedir(), ".npmrc"),
      join(host.dataDir, "token"),
      join(server.directory, "server.json"),
      other.disk,
      "/root",
      "/home",
      "/var/lib",
      "/sys",
    ]) {
      const { code, stdout } = await server.run("ls", path);
      expect({ path, code, stdout }).toEqual({ path, code: 2, stdout: "" });
    }
    const seen = await server.run("ls", join(host.dataDir, "machine-host/servers"));
    expect(seen.stdout).toBe(`${server.id}\n`);
  });

  it("shows no secret of the system that the user could read", async () => {
    for (const path of ["/etc/shadow", "/etc/gshadow", "/etc/ssh/ssh_host_ed25519_key"]) {
      expect({ path, content: (await server.run("cat", path)).stdout }).toEqual({ path, content: "" });
    }
  });

  it("shows only its own processes, and can't signal others", async () => {
    const { stdout } = await server.run("sh", "-c", "ls /proc | grep -c '^[0-9]*$'");
    expect(Number(stdout)).toBeLessThan(20);
    expect((await server.run("sh", "-c", `kill -0 ${process.pid}`)).code).not.toBe(0);
  });

  it("lets it write its disk, its home and /tmp, and nothing else", async () => {
    const script = 'echo x > "$SAM_NODE_DISK/a" && echo x > "$HOME/b" && echo x > /tmp/sam-c && echo x > /var/tmp/d';
    expect(await server.run("sh", "-c", script)).toMatchObject({ code: 0 });
    for (const path of ["/usr/x", "/etc/x", "/x", join(home, ".local/bin/x"), bed.programs.gitRelay]) {
      const { code } = await server.run("sh", "-c", `echo x > ${path}`);
      expect({ path, refused: code !== 0 }).toEqual({ path, refused: true });
    }
    expect(existsSync("/tmp/sam-c")).toBe(false);
  });

  it("makes no device files, mounts nothing, and can't become more than it is", async () => {
    expect((await server.run("mknod", join(server.disk, "disk"), "b", "254", "0")).code).not.toBe(0);
    expect((await server.run("mount", "-t", "tmpfs", "none", "/usr")).code).not.toBe(0);
    expect((await server.run("sh", "-c", "echo 1 > /proc/sys/kernel/sysrq")).code).not.toBe(0);
  });

  it("has the user's toolchains, git and node", async () => {
    expect((await server.run("my-tool")).stdout).toBe("my tool runs\n");
    expect((await server.run("git", "--version")).code).toBe(0);
    expect((await server.run(process.execPath, "--version")).stdout).toBe(`${process.version}\n`);
    expect((await server.run("sh", "-c", "my-tool > /dev/null && rm $(command -v my-tool)")).code).not.toBe(0);
  });

  it("ends with its VM agent, even what cleared its environment and left its parent", async () => {
    await server.run("sh", "-c", "setsid env -i sleep 987654 >/dev/null 2>&1 &");
    const hidden = await until("it runs", () =>
      server.processes().find((entry) => entry.state !== "Z" && commandLineOf(entry.pid).includes("sleep 987654")),
    );
    const [vmAgent] = vmAgentsOf(server.id);
    process.kill(vmAgent ?? 0, "SIGKILL");
    await server.boot(2);
    expect(isAlive(hidden)).toBe(false);
  });
});

describe.each(["auto", "plain"] as const)("limits in isolation %s", (isolation) => {
  it("end a process that takes more memory than the server may have, and the server goes on", async () => {
    const host = await bed.host({ isolation, limits: { memoryLimitBytes } });
    const server = await host.running("greedy");
    const [type] = (await host.call("GET", "/v1/machine-types")).body["machineTypes"] as readonly Record<
      string,
      unknown
    >[];
    expect(type?.["serverLimits"]).toMatchObject({ memoryBytes: memoryLimitBytes });
    const allocate = (megabytes: number): string =>
      `const held = []; for (let i = 0; i < ${megabytes / 16}; i += 1) held.push(Buffer.alloc(16 * 1024 * 1024, 1)); console.log(held.length)`;
    expect(await server.run(process.execPath, "-e", allocate(64))).toMatchObject({ code: 0, stdout: "4\n" });
    const greedy = await server.run(process.execPath, "-e", allocate(4096));
    expect(greedy.stdout).toBe("");
    expect(greedy.code).not.toBe(0);
    await server.boot(1);
    expect((await server.run("true")).code).toBe(0);
    await host.stop();
  });
});

describe("a limit on processes", () => {
  it("ends in a fork that fails, and not in a machine that stands still", async () => {
    const host = await bed.host({ limits: { pidsLimit: 80 } });
    const server = await host.running("forks");
    const fork = `const { spawn } = require("node:child_process");
      for (let i = 0; i < 200; i += 1) spawn("sleep", ["30"]).on("error", (error) => { console.log(error.code); process.exit(); });`;
    expect((await server.run(process.execPath, "-e", fork)).stdout).toBe("EAGAIN\n");
    await host.stop();
  });
});

describe("the probe", () => {
  const emptyPath = mkdtempSync(join(bed.directory, "path-"));

  it("falls back to plain processes where bwrap doesn't work, and says why and what to do", async () => {
    writeFileSync(
      join(emptyPath, "bwrap"),
      "#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n",
      { mode: 0o755 },
    );
    const env = { PATH: `${emptyPath}:/usr/bin:/bin`, HOME: homedir() };
    const isolation = await inspectIsolation({ dataDir: bed.directory, env });
    expect(isolation.processes).toBe("plain");
    expect(isolation.reasons.join("\n")).toContain("setting up uid map: Permission denied");
  });

  it("doesn't wait for a bwrap that hangs", async () => {
    writeFileSync(join(emptyPath, "bwrap"), "#!/bin/sh\nexec sleep 1000\n", { mode: 0o755 });
    const env = { PATH: `${emptyPath}:/usr/bin:/bin`, HOME: homedir() };
    expect((await inspectIsolation({ dataDir: bed.directory, env })).processes).toBe("plain");
  });

  it("says that plain processes were asked for", async () => {
    const isolation = await inspectIsolation({ dataDir: bed.directory, isolation: "plain" });
    expect(isolation).toMatchObject({
      processes: "plain",
      reasons: expect.arrayContaining([expect.stringContaining("asked for")]),
    });
  });
});
