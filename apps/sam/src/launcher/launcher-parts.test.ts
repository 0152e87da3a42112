import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { restartDelayMs } from "../control-plane/workerd-watch.ts";
import { type DataDirectory, locateDataDirectory, openDataDirectory } from "../data-directory/data-directory.ts";
import { UsageError } from "../exit-code.ts";
import { outageUntil, recordOutage, startSignOfLife, vouchedMs } from "./outages.ts";
import { choosePort, isFree, portsToTry, rememberPort } from "./port.ts";
import { SystemLog } from "./system-log.ts";
import { Undo } from "./undo.ts";

let root = "";
let directory: DataDirectory;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sam-launcher-"));
  directory = openDataDirectory(locateDataDirectory(root, {}));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("an outage", () => {
  it("lies between the last sign of life and the next start", () => {
    expect(outageUntil("0000000000001000", 5_000)).toEqual({ from: 1_000, to: 5_000 });
  });

  it("is none for a directory that never ran, a sign that is broken, and a clock that was set back", () => {
    expect(outageUntil(null, 5_000)).toBeNull();
    expect(outageUntil("", 5_000)).toBeNull();
    expect(outageUntil("12x", 5_000)).toBeNull();
    expect(outageUntil("9000", 5_000)).toBeNull();
  });

  it("never begins before the last moment that the system was seen alive", () => {
    const startedAt = Date.now();
    const sign = startSignOfLife(directory, () => undefined);
    const promised = Number(readFileSync(directory.alive, "utf8"));
    sign.stop();
    const stopped = Number(readFileSync(directory.alive, "utf8"));
    expect(promised).toBeGreaterThanOrEqual(startedAt + vouchedMs);
    expect(stopped).toBeGreaterThanOrEqual(startedAt);
    expect(stopped).toBeLessThanOrEqual(Date.now());
  });

  it("is noticed too where the machine slept, before anything says that the system was alive in it", () => {
    vi.useFakeTimers();
    try {
      const signs: string[] = [];
      const sign = startSignOfLife(directory, () => void signs.push(readFileSync(directory.alive, "utf8")));
      const sleptAt = Date.now();
      vi.advanceTimersByTime(2_000);
      expect(signs).toEqual([]);
      vi.setSystemTime(sleptAt + 3_600_000);
      vi.advanceTimersByTime(1_000);
      expect(signs).toHaveLength(1);
      expect(Number(signs[0])).toBeLessThan(sleptAt + 10_000);
      sign.stop();
    } finally {
      vi.useRealTimers();
    }
  });

  it("is kept with the ones before it, the newest hundred", () => {
    for (let index = 1; index <= 120; index += 1) {
      writeFileSync(directory.alive, String(index * 1_000));
      recordOutage(directory, index * 1_000 + 500);
    }
    const outages = recordOutage(directory, 0);
    expect(outages).toHaveLength(100);
    expect(outages.at(0)).toEqual({ from: 21_000, to: 21_500 });
    expect(outages.at(-1)).toEqual({ from: 120_000, to: 120_500 });
  });

  it("starts a new list where the old one is broken", () => {
    writeFileSync(directory.outages, "[{");
    writeFileSync(directory.alive, "1000");
    expect(recordOutage(directory, 2_000)).toEqual([{ from: 1_000, to: 2_000 }]);
  });
});

describe("the port", () => {
  let taken: Server;
  let takenPort = 0;

  beforeEach(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    takenPort = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterEach(() => new Promise((resolve) => taken.close(resolve)));

  it("that was named and is in use is refused, saying what to do", async () => {
    await expect(choosePort(directory, takenPort)).rejects.toThrow(UsageError);
    await expect(choosePort(directory, takenPort)).rejects.toThrow(
      /is in use by another program.*Choose another --port/,
    );
  });

  it("in use is seen as such", async () => {
    expect(await isFree(takenPort)).toBe(false);
  });

  it("is last time's, then the usual one, then the next that is free", async () => {
    expect(portsToTry(null).slice(0, 3)).toEqual([8787, 8788, 8789]);
    expect(portsToTry(8788).slice(0, 3)).toEqual([8788, 8787, 8789]);
    const free = (busy: readonly number[]) => (port: number) => Promise.resolve(!busy.includes(port));
    expect(await choosePort(directory, null, free([8787, 8788]))).toEqual({ port: 8789, insteadOf: 8787 });
    rememberPort(directory, 9999);
    expect(await choosePort(directory, null, free([]))).toEqual({ port: 9999, insteadOf: null });
    expect(await choosePort(directory, null, free([9999]))).toEqual({ port: 8787, insteadOf: 9999 });
  });

  it("is an error where none is free", async () => {
    await expect(choosePort(directory, null, () => Promise.resolve(false))).rejects.toThrow(
      /Name a free one with --port/,
    );
  });
});

describe("the log", () => {
  it("is bounded: the oldest lines give way", () => {
    const log = new SystemLog(directory, 2_000);
    for (let index = 0; index < 200; index += 1) log.write("info", "test", `line ${index} ${"x".repeat(60)}`);
    log.close();
    expect(readdirSync(directory.logs).toSorted()).toEqual(["sam.log", "sam.log.1", "sam.log.2"]);
    for (const name of readdirSync(directory.logs))
      expect(statSync(join(directory.logs, name)).size).toBeLessThanOrEqual(2_000);
    expect(readFileSync(join(directory.logs, "sam.log"), "utf8")).toContain("line 199");
  });

  it("keeps an entry of many lines together and free of escapes", () => {
    const log = new SystemLog(directory);
    log.write("error", "worker", "first\u001b[31m\nsecond\n");
    log.close();
    expect(readFileSync(log.path, "utf8")).toMatch(/^\S+ error worker: first\n {4}second\n$/);
  });
});

describe("what was begun", () => {
  it("is taken back in the opposite order, once, each step however the others went", async () => {
    const done: string[] = [];
    const undo = new Undo();
    undo.add(() => void done.push("first"));
    undo.add(() => {
      throw new Error("stuck");
    });
    undo.add(() => void done.push("last"));
    const [errors] = await Promise.all([undo.run(), undo.run()]);
    expect(done).toEqual(["last", "first"]);
    expect(errors).toEqual([new Error("stuck")]);
  });
});

describe("a crashing workerd", () => {
  it("is started again at once the first time, then ever more slowly, and at most every half minute", () => {
    const crashes = [0, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000, 9_000];
    const delays = crashes.map((at, index) => restartDelayMs(crashes.slice(0, index + 1), at));
    expect(delays).toEqual([0, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("is forgiven after a minute without a crash", () => {
    expect(restartDelayMs([0, 100_000], 100_000)).toBe(0);
  });
});
