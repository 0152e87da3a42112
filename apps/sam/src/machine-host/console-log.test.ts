import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";

import { afterAll, describe, expect, it } from "vitest";

import { ConsoleLog } from "./console-log.ts";

const directory = mkdtempSync(join(tmpdir(), "sam-console-"));
afterAll(() => rmSync(directory, { recursive: true }));

describe("a server's console", () => {
  it("keeps the newest output within its size, and one older file", async () => {
    const path = join(directory, "console.log");
    const log = new ConsoleLog(path, 1_000);
    const lines = Array.from(
      { length: 100 },
      (_, index) => `line ${String(index).padStart(3, "0")} ${"x".repeat(20)}\n`,
    );
    await log.copy(Readable.from(lines));
    log.close();
    const [older, newer] = [readFileSync(`${path}.1`, "utf8"), readFileSync(path, "utf8")];
    expect(statSync(path).size).toBeLessThanOrEqual(1_000);
    expect(statSync(`${path}.1`).size).toBeLessThanOrEqual(1_000);
    expect(lines.join("").endsWith(older + newer)).toBe(true);
  });

  it("goes on after a restart where it was", async () => {
    const path = join(directory, "again.log");
    for (const text of ["first\n", "second\n"]) {
      const log = new ConsoleLog(path, 1_000);
      await log.append(text);
      log.close();
    }
    expect(readFileSync(path, "utf8")).toBe("first\nsecond\n");
  });

  it("never fails its server, neither for a stream that breaks nor for a disk that can't be written", async () => {
    const path = join(directory, "no-such-directory/console.log");
    const log = new ConsoleLog(path, 1_000);
    await log.append("lost\n");
    const broken = new Readable({ read: () => undefined });
    const copied = log.copy(broken);
    broken.destroy(new Error("reset"));
    await copied;
    expect(existsSync(path)).toBe(false);
  });
});
