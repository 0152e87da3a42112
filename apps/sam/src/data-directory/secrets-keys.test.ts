import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type DataDirectory, locateDataDirectory } from "./data-directory.ts";
import { beginKeyRotation, loadSecretsKeys, readSecretsKeys } from "./secrets-keys.ts";

let directory: DataDirectory;
beforeEach(() => {
  directory = locateDataDirectory(mkdtempSync(join(tmpdir(), "sam-keys-")));
});
afterEach(() => rmSync(directory.path, { recursive: true, force: true }));

const idsNow = () => readSecretsKeys(directory)?.map(({ id }) => id);

function refusal(use: (directory: DataDirectory, nowMs: number) => unknown): string {
  try {
    use(directory, 1);
  } catch (error) {
    return String(error);
  }
  return "it was taken";
}

describe("a file that holds no keys", () => {
  const key = Buffer.alloc(32, 7).toString("base64");
  it.each([
    ["not JSON", `[{"id":"a","key":"${key}"`],
    ["no list", JSON.stringify({ id: "a", key })],
    ["an empty list", "[]"],
    ["a key of another length", JSON.stringify([{ id: "a", key: "c2hvcnQ=" }])],
    ["an id that is none", JSON.stringify([{ id: "a b", key }])],
  ])("is kept as it is, and said without what stands in it: %s", (_what, text) => {
    writeFileSync(directory.secretsKeys, text);
    const said = [loadSecretsKeys, beginKeyRotation].map(refusal);
    expect(said.every((message) => message.includes(directory.secretsKeys))).toBe(true);
    expect(said.join()).not.toContain(key.slice(0, 8));
    expect(readFileSync(directory.secretsKeys, "utf8")).toBe(text);
  });
});

describe("the keys", () => {
  it("are drawn once, 256 bits, for this user alone", () => {
    expect(readSecretsKeys(directory)).toBeNull();
    const drawn = loadSecretsKeys(directory, 1);
    expect(Buffer.from(drawn[0]?.key ?? "", "base64")).toHaveLength(32);
    expect(statSync(directory.secretsKeys).mode & 0o777).toBe(0o600);
    expect(loadSecretsKeys(directory, 2)).toEqual(drawn);
  });

  it("are rotated by one at a time: a new one in front, the others gone when nothing needs them", () => {
    const [old] = loadSecretsKeys(directory, 1);
    const rotation = beginKeyRotation(directory, 2);
    expect(idsNow()).toEqual([rotation?.keyId, old?.id]);
    expect(beginKeyRotation(directory, 3)).toBeNull();
    rotation?.dropOlder();
    rotation?.release();
    expect(idsNow()).toEqual([rotation?.keyId]);
    expect(statSync(directory.secretsKeys).mode & 0o777).toBe(0o600);
  });

  it("all stay where a rotation is given up, and the next one goes on from there", () => {
    const [old] = loadSecretsKeys(directory, 1);
    const first = beginKeyRotation(directory, 2);
    first?.release();
    const second = beginKeyRotation(directory, 3);
    expect(idsNow()).toEqual([second?.keyId, first?.keyId, old?.id]);
    second?.release();
  });
});
