import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeId, workspaceIdOf } from "@sam/domain/ids";
import { savedRefOf } from "@sam/domain/saved-work";
import { ulid } from "ulid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { DiskLayout } from "../boot/disk-layout.ts";
import { StateDatabase } from "../store/state-database.ts";
import { TaskRecords } from "../store/task-records.ts";
import { KeptMirrors } from "./kept-mirrors.ts";

let folder: string;
let layout: DiskLayout;
let records: TaskRecords;
let state: StateDatabase;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sam-mirrors-"));
  layout = new DiskLayout(folder);
  layout.prepare();
  state = new StateDatabase(layout.database);
  records = new TaskRecords(state);
});
afterEach(() => {
  state.sql.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A mirror of a thousand bytes that was last fetched so many hours ago. */
function mirror(url: string, hoursAgo: number): string {
  const path = layout.mirror(url);
  for (const place of ["refs/heads", "objects/pack"]) mkdirSync(join(path, place), { recursive: true });
  writeFileSync(join(path, "objects/pack/all.pack"), "x".repeat(1_000));
  const at = new Date(Date.now() - hoursAgo * 3_600_000);
  for (const place of ["refs/heads", "objects/pack", "."]) utimesSync(join(path, place), at, at);
  return path;
}

async function tend(limits: { maxMirrors: number; maxBytes: number }): Promise<void> {
  const mirrors = new KeptMirrors(layout, records, limits);
  mirrors.tend();
  await mirrors.settled;
}

describe("kept mirrors", () => {
  it("go beyond the limits, those that were not fetched for longest first", async () => {
    const all = [mirror("/srv/a", 30), mirror("/srv/b", 20), mirror("/srv/c", 10)];
    await tend({ maxMirrors: 2, maxBytes: 1_000_000 });
    expect(all.map((path) => existsSync(path))).toEqual([false, true, true]);
    await tend({ maxMirrors: 9, maxBytes: 1_500 });
    expect(all.map((path) => existsSync(path))).toEqual([false, false, true]);
  });

  it("stay where a workspace borrows from them, or work is saved in them, however old they are", async () => {
    const [used, saved, packed, over] = [
      mirror("/srv/used", 90),
      mirror("/srv/saved", 80),
      mirror("/srv/packed", 70),
      mirror("/srv/over", 60),
    ];
    const [working, ended] = [makeId("task", ulid()), makeId("task", ulid())];
    const workspace = (repositoryUrl: string) => ({
      workspace: { workspaceId: workspaceIdOf(working), repositoryUrl, branch: "sam/x", base: null, broughtBack: null },
    });
    await state.commit(() => {
      records.update(working, { ...workspace("/srv/used"), life: "ending" });
      records.update(ended, { ...workspace("/srv/over"), life: "over" });
    });
    mkdirSync(join(saved, "refs/sam/wip"), { recursive: true });
    writeFileSync(join(saved, savedRefOf(ended)), `${"1".repeat(40)}\n`);
    writeFileSync(join(packed, "packed-refs"), `${"1".repeat(40)} ${savedRefOf(ended)}\n`);
    await tend({ maxMirrors: 0, maxBytes: 0 });
    expect([used, saved, packed, over].map((path) => existsSync(path))).toEqual([true, true, true, false]);
  });

  it("are removed to the end where a power cut came between", async () => {
    const going = `${mirror("/srv/a", 1)}.going`;
    mkdirSync(going);
    await tend({ maxMirrors: 9, maxBytes: 1_000_000 });
    expect(existsSync(going)).toBe(false);
  });
});
