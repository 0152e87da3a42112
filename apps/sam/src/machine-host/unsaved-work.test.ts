/**
 * What counts as work that is saved nowhere else. That the VM agent lays its disk out so is held by `tests/system/ledger`.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readRecords } from "./server-record.ts";
import { holdsUnsavedWork } from "./unsaved-work.ts";

let root = "";
let disk = "";
let mirror = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sam-unsaved-"));
  disk = join(root, "srv/disk");
  mirror = join(disk, "mirrors/one.git");
  mkdirSync(join(disk, "workspaces"), { recursive: true });
  mkdirSync(join(mirror, "refs/heads"), { recursive: true });
  writeFileSync(join(mirror, "refs/heads/main"), `${"0".repeat(40)}\n`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("unsaved work", () => {
  it("is not on a disk with a mirror and nothing else, nor on one that is not there", () => {
    mkdirSync(join(disk, "workspaces/.ws_one"));
    mkdirSync(join(mirror, "refs/sam/wip"), { recursive: true });
    expect(holdsUnsavedWork(disk)).toBe(false);
    expect(holdsUnsavedWork(join(root, "elsewhere"))).toBe(false);
  });

  it.each([
    ["a workspace that stands", () => mkdirSync(workspace())],
    ["saved work as a file", () => writeRef(join(mirror, "refs/sam/wip/task_one"))],
    ["saved work among the packed refs", () => writeFileSync(join(mirror, "packed-refs"), packed())],
    ["a mirror whose refs are larger than can be looked through", () => makeHuge(join(mirror, "packed-refs"))],
  ])("is %s", (_what, make) => {
    make();
    expect(holdsUnsavedWork(disk)).toBe(true);
  });

  it("is not looked for where a link leads", () => {
    const elsewhere = join(root, "elsewhere");
    writeRef(join(elsewhere, "refs/sam/wip/x"));
    symlinkSync(elsewhere, join(disk, "mirrors/linked.git"));
    rmSync(join(disk, "workspaces"), { recursive: true });
    symlinkSync(elsewhere, join(disk, "workspaces"));
    expect(holdsUnsavedWork(disk)).toBe(false);
  });
});

describe("a server's folder that lost its record", () => {
  it("is removed where nothing is lost with it, and is left where work lies in it", () => {
    expect(readRecords(root)).toEqual({ records: [], unreadable: [] });
    expect(existsSync(disk)).toBe(false);
    mkdirSync(join(disk, "workspaces"), { recursive: true });
    mkdirSync(workspace());
    expect(readRecords(root).unreadable).toMatchObject([{ directory: join(root, "srv") }]);
    expect(existsSync(workspace())).toBe(true);
  });
});

function workspace(): string {
  return join(disk, "workspaces/ws_one");
}

function writeRef(path: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `${"1".repeat(40)}\n`);
}

/** A file without content that says that it has a terabyte. */
function makeHuge(path: string): void {
  writeFileSync(path, "");
  truncateSync(path, 1024 ** 4);
}

function packed(): string {
  return `# pack-refs with: peeled fully-peeled sorted\n${"1".repeat(40)} refs/sam/wip/task_one\n`;
}
