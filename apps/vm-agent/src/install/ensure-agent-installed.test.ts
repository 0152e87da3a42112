/** What a node makes of its machine host's answers; and of being alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { waitFor } from "../testing/wait-for.ts";
import { ensureAgentInstalled, type InstalledAgent } from "./ensure-agent-installed.ts";
import { InstallBed } from "./testing/install-bed.ts";
import { type Asking, InstallSocketStandIn } from "./testing/install-socket-stand-in.ts";

vi.setConfig({ testTimeout: 30_000 });

let folder: string;
let host: InstallSocketStandIn;
let progress: number[];
let wanted: AbortController;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sam-ensure-"));
  host = await InstallSocketStandIn.start(join(folder, "install.sock"));
  progress = [];
  wanted = new AbortController();
});
afterEach(() => {
  host.stop();
  rmSync(folder, { recursive: true });
});

function ensure(): Promise<InstalledAgent> {
  const source = { socket: join(folder, "install.sock"), cache: folder, recipes: "/nonexistent" };
  const installing = ensureAgentInstalled(source, "codex", (bytes) => progress.push(bytes), wanted.signal);
  // It is looked at where the test awaits it.
  installing.catch(() => undefined);
  return installing;
}

async function asked(): Promise<Asking> {
  return await waitFor("somebody who asks", () => host.askings[0]);
}

const line = (start: string, runtime: "node" | "native" = "node") => ({
  ...{ type: "installed", agentId: "codex", version: "2.6.0", folder, start, runtime },
});

describe("a machine host's answer", () => {
  it("is progress, and then the command that starts the agent", async () => {
    const start = join(folder, "start.js");
    writeFileSync(start, "");
    const installing = ensure();
    const asking = await asked();
    expect(asking.request).toEqual({ type: "install", agentId: "codex" });
    asking.answer({ type: "progress", bytes: 10 });
    // Two lines in one piece, and one in two.
    asking.answer('{"type":"progress","bytes":20}\n{"type":"prog');
    asking.answer('ress","bytes":30}\n');
    asking.answer(line(start));
    expect(await installing).toEqual({ version: "2.6.0", folder, command: [process.execPath, start] });
    expect(progress).toEqual([10, 20, 30]);
    await waitFor("the connection's end", () => asking.isGone);
  });

  it("names a program where the agent is one", async () => {
    const start = join(folder, "agent");
    writeFileSync(start, "");
    const installing = ensure();
    (await asked()).answer(line(start, "native"));
    expect((await installing).command).toEqual([start]);
  });

  it("is the host's own failure, word for word", async () => {
    const installing = ensure();
    const failed = { code: "disk_full", message: "The disk is full. Free some space.", retryable: false };
    (await asked()).answer({ type: "failed", ...failed });
    await expect(installing).rejects.toMatchObject(failed);
  });

  it("is not believed where this node can't see what was installed", async () => {
    const installing = ensure();
    (await asked()).answer(line(join(folder, "elsewhere.js")));
    await expect(installing).rejects.toMatchObject({ code: "not_visible", retryable: false });
  });

  it.each<[string, (asking: Asking) => void]>([
    ["it hangs up", (asking) => asking.hangUp()],
    ["it breaks off in a line", (asking) => asking.answer('{"type":"inst', "last")],
    ["it says what is no line", (asking) => asking.answer("npm notice\n")],
    ["it says what is none of its lines", (asking) => asking.answer({ type: "installed", start: "relative" })],
  ])("is an interruption where %s", async (_what, misbehave) => {
    const installing = ensure();
    misbehave(await asked());
    await expect(installing).rejects.toMatchObject({ code: "interrupted", retryable: true });
  });

  it("is an interruption where nobody listens", async () => {
    host.stop();
    await expect(ensure()).rejects.toMatchObject({ code: "interrupted", retryable: true });
  });

  it("is no longer waited for when the agent is no longer wanted", async () => {
    const installing = ensure();
    const asking = await asked();
    wanted.abort(new Error("torn down"));
    await expect(installing).rejects.toThrow("torn down");
    await waitFor("the host is told", () => asking.isGone);
    await expect(ensure()).rejects.toThrow("torn down");
  });
});

describe("a node without a machine host", () => {
  it("installs by itself", async () => {
    const bed = await InstallBed.make();
    try {
      const { cache, recipes } = bed;
      for (const [name, value] of Object.entries(bed.env)) vi.stubEnv(name, value);
      const installed = await ensureAgentInstalled(
        { socket: null, cache, recipes },
        "demo",
        () => undefined,
        wanted.signal,
      );
      const start = join(cache, "demo@1.0.0/node_modules/demo/start.js");
      expect(installed).toEqual({
        version: "1.0.0",
        folder: join(cache, "demo@1.0.0"),
        command: [process.execPath, start],
      });
    } finally {
      vi.unstubAllEnvs();
      await bed.end();
    }
  });
});
