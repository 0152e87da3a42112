import { describe, expect, it } from "vitest";

import { parseProgress, progressReader, type GitProgress } from "./git-progress.ts";

describe("git's progress", () => {
  it("is read for its numbers, in whatever unit", () => {
    expect(parseProgress("Receiving objects:  45% (24/53), 1.50 MiB | 3.00 MiB/s")).toEqual({
      percent: 45,
      bytes: 1_572_864,
    });
    expect(parseProgress("Receiving objects: 100% (3/3), 240 bytes | 240.00 KiB/s, done.")).toEqual({
      percent: 100,
      bytes: 240,
    });
    expect(parseProgress("Receiving objects:  1% (1/99), 2.00 GiB | 1 MiB/s")).toEqual({
      percent: 1,
      bytes: 2_147_483_648,
    });
    expect(parseProgress("Resolving deltas:  50% (1/2)")).toEqual({ percent: 50, bytes: null });
    expect(parseProgress("remote: Enumerating objects: 5, done.")).toBeNull();
  });

  it("is told when it moved, from lines that come in pieces", () => {
    const told: GitProgress[] = [];
    const read = progressReader(0, (progress) => told.push(progress));
    for (const piece of [
      "Receiving obj",
      "ects: 10% (1/10)\rReceiving objects: 2",
      "0% (2/10)\r",
      "Receiving objects: 20% (2/10)\r",
    ]) {
      read(Buffer.from(piece));
    }
    expect(told.map(({ percent }) => percent)).toEqual([10, 20]);
  });

  it("is told no more often than asked for", () => {
    const told: GitProgress[] = [];
    const read = progressReader(60_000, (progress) => told.push(progress));
    for (let percent = 1; percent <= 100; percent += 1) read(Buffer.from(`x: ${percent}% (${percent}/100)\r`));
    expect(told).toHaveLength(1);
  });
});
