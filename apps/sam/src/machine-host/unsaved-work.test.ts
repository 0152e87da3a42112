/** What counts as work that is saved nowhere else, on a disk that the VM agent lays out. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeId, workspaceIdOf } from "@sam/domain/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { DiskLayout } from "../../../vm-agent/src/boot/disk-layout.ts";
import { savedRefOf } from "../../../vm-agent/src/workspace/saved-work.ts";
import { readRecords } from "./server-record.ts";
import { holdsUnsavedWork } from "./unsaved-work.ts";

const taskId = makeId("task", "01J00000000000000000000000");
let root = "";
let layout: DiskLayout;
let mirror = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sam-unsaved-"));
  layout = new DiskLayout(join(root, "srv/disk"));
  layout.prepare();
  mirror = layout.mirror("/srv/project.git");
  mkdirSync(join(mirror, "refs/heads"), { recursive: true });
  writeFileSync(join(mirror, "refs/heads/main"), `${"0".repeat(40)}\n`);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("unsaved work", () => {
  it("is not on a disk with a mirror and nothing else, nor on one that is not there", () => {
    mkdirSync(layout.unfinished(workspaceIdOf(taskId)));
    mkdirSync(join(mirror, "refs/sam/wip"), { recursive: true });
    expect(holdsUnsavedWork(layout.root)).toBe(false);
    expect(holdsUnsavedWork(join(root, "elsewhere"))).toBe(false);
  });

  it.each([
    ["a workspace that stands", () => mkdirSync(layout.workspace(workspaceIdOf(taskId)))],
    ["saved work as a file", () => writeRef(join(mirror, savedRefOf(taskId)))],
    ["saved work among the packed refs", () => writeFileSync(join(mirror, "packed-refs"), packed())],
    ["a mirror whose refs are larger than can be looked through", () => makeHuge(join(mirror, "packed-refs"))],
  ])("is %s", (_what, make) => {
    make();
    expect(holdsUnsavedWork(layout.root)).toBe(true);
  });

  it("is not looked for where a link leads", () => {
    const elsewhere = join(root, "elsewhere");
    writeRef(join(elsewhere, "refs/sam/wip/x"));
    symlinkSync(elsewhere, join(layout.mirrors, "linked.git"));
    rmSync(join(layout.root, "workspaces"), { recursive: true });
    symlinkSync(elsewhere, join(layout.root, "workspaces"));
    expect(holdsUnsavedWork(layout.root)).toBe(false);
  });
});

describe("a server's folder that lost its record", () => {
  it("is removed where nothing is lost with it, and is left where work lies in it", () => {
    expect(readRecords(root)).toEqual({ records: [], unreadable: [] });
    expect(existsSync(layout.root)).toBe(false);
    layout.prepare();
    mkdirSync(layout.workspace(workspaceIdOf(taskId)));
    expect(readRecords(root).unreadable).toMatchObject([{ directory: join(root, "srv") }]);
    expect(existsSync(layout.workspace(workspaceIdOf(taskId)))).toBe(true);
  });
});

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
  return `# pack-refs with: peeled fully-peeled sorted\n${"1".repeat(40)} ${savedRefOf(taskId)}\n`;
}
