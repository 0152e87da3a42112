import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { acquireLock, isLocked } from "./lock.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sam-lock-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Another process that takes the lock, has a child of its own, and says so. */
async function holder(path: string) {
  const script = `
    import { spawn } from "node:child_process";
    import { acquireLock } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    const lock = acquireLock(${JSON.stringify(path)});
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    console.log(JSON.stringify({ held: lock !== null, childPid: child.pid }));
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return { child, said: JSON.parse(line.toString()) as { held: boolean; childPid: number } };
}

describe("the lock", () => {
  it("is held by one process, and let go of in order", () => {
    const path = join(root, "lock.db");
    const lock = acquireLock(path);
    expect(lock).not.toBeNull();
    expect(isLocked(path)).toBe(true);
    lock?.release();
    expect(isLocked(path)).toBe(false);
  });

  it("dies with its holder, killed outright, although a child of it lives on", async () => {
    const path = join(root, "lock.db");
    const { child, said } = await holder(path);
    try {
      expect(said.held).toBe(true);
      expect(acquireLock(path, 50)).toBeNull();
      child.kill("SIGKILL");
      await once(child, "exit");
      expect(isLocked(path)).toBe(false);
    } finally {
      process.kill(said.childPid, "SIGKILL");
    }
  });

  it("cannot be had where its folder is missing", () => {
    expect(() => acquireLock(join(root, "missing/lock.db"))).toThrow(/unable to open/);
  });
});
