import { expect, it } from "vitest";

import { clipHead, clipTail } from "../clipped-text.ts";
import { parseStatus } from "./uncommitted-work.ts";

it("a status is read as bytes: any name is a name, and a repository inside is none of ours", () => {
  const odd = Buffer.from([0x66, 0xff, 0x0a, 0x66]);
  const status = Buffer.concat([Buffer.from(" M a b\0?? inner/\0?? "), odd, Buffer.from("\0D  -x\0")]);
  expect(parseStatus(status)).toEqual([
    { path: Buffer.from("a b"), isUntracked: false },
    { path: odd, isUntracked: true },
    { path: Buffer.from("-x"), isUntracked: false },
  ]);
  expect(parseStatus(Buffer.alloc(0))).toEqual([]);
});

it("a clipped text fits its limit and says what is missing", () => {
  for (const max of [60, 100, 1_000]) {
    expect(clipHead("x".repeat(5_000), max).length).toBeLessThanOrEqual(max);
    expect(clipTail("x".repeat(5_000), max).length).toBeLessThanOrEqual(max);
  }
  expect(clipTail("the end", 100)).toBe("the end");
  expect(clipHead("a".repeat(100), 60)).toContain("80 characters left out");
});
