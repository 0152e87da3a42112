import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeId, type TaskId } from "@sam/domain/ids";
import { ulid } from "ulid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { DiskLayout } from "../boot/disk-layout.ts";
import { StateDatabase } from "../store/state-database.ts";
import { TaskRecords } from "../store/task-records.ts";
import { KeptHomes } from "./kept-homes.ts";

let folder: string;
let layout: DiskLayout;
let records: TaskRecords;
let state: StateDatabase;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sam-homes-"));
  layout = new DiskLayout(folder);
  layout.prepare();
  state = new StateDatabase(layout.database);
  records = new TaskRecords(state);
});
afterEach(() => {
  state.sql.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A home that was last used so many hours ago. */
function home(hoursAgo: number, bytes = 1_000): TaskId {
  const taskId = makeId("task", ulid());
  for (const place of [layout.home(taskId), layout.agentState(taskId)]) {
    mkdirSync(join(place, ".npm"), { recursive: true });
    writeFileSync(join(place, "session"), "x".repeat(bytes / 2));
    const usedAt = new Date(Date.now() - hoursAgo * 3_600_000);
    utimesSync(place, usedAt, usedAt);
  }
  return taskId;
}

function isThere(taskId: TaskId): boolean {
  return existsSync(layout.home(taskId)) && existsSync(layout.agentState(taskId));
}

async function tend(limits: { maxHomes: number; maxBytes: number }): Promise<KeptHomes> {
  const homes = new KeptHomes(layout, records, limits);
  homes.tend();
  await homes.settled;
  return homes;
}

describe("kept homes", () => {
  it("go beyond the limits, those that were not used for longest first", async () => {
    const [oldest, older, newer] = [home(30), home(20), home(10)];
    await tend({ maxHomes: 2, maxBytes: 1_000_000 });
    expect([oldest, older, newer].map(isThere)).toEqual([false, true, true]);
    await tend({ maxHomes: 9, maxBytes: 1_500 });
    expect([older, newer].map(isThere)).toEqual([false, true]);
    expect(existsSync(layout.home(older))).toBe(false);
    expect(existsSync(layout.agentState(older))).toBe(false);
  });

  it("stay where a task of this node works in them, its own or another's, however old they are", async () => {
    const [own, root, forgotten] = [home(90), home(80), home(70)];
    const continuing = makeId("task", ulid());
    await state.commit(() => {
      records.update(own, {});
      records.update(continuing, {
        agent: { incarnation: 1, agentId: "well", homeOf: root, state: "ready" },
        life: "ending",
      });
      records.update(forgotten, { life: "over" });
    });
    const homes = await tend({ maxHomes: 0, maxBytes: 0 });
    expect([own, root, forgotten].map(isThere)).toEqual([true, true, false]);
    await homes.remove(root);
    expect(isThere(root)).toBe(true);
  });

  it("that are used again count as new, and lose what can be fetched again", async () => {
    const [first, second] = [home(30), home(20)];
    const homes = new KeptHomes(layout, records, { maxHomes: 1, maxBytes: 1_000_000 });
    homes.touch(first);
    homes.tend();
    await homes.settled;
    expect([first, second].map(isThere)).toEqual([true, false]);
    expect(existsSync(join(layout.home(first), ".npm"))).toBe(false);
    expect(existsSync(join(layout.home(first), "session"))).toBe(true);
  });

  it("are as old after they were tended as before: tending is no use", async () => {
    const kept = home(30);
    const before = statSync(layout.home(kept)).mtimeMs;
    await tend({ maxHomes: 9, maxBytes: 1_000_000 });
    expect(existsSync(join(layout.home(kept), ".npm"))).toBe(false);
    expect(Math.abs(statSync(layout.home(kept)).mtimeMs - before)).toBeLessThan(60_000);
  });

  it("are nothing else than homes: what bears another name is left alone", async () => {
    mkdirSync(join(layout.homes, "lost+found"));
    await tend({ maxHomes: 0, maxBytes: 0 });
    expect(existsSync(join(layout.homes, "lost+found"))).toBe(true);
  });
});
