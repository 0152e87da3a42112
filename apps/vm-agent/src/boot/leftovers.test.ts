import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeId, workspaceIdOf } from "@sam/domain/ids";
import { ulid } from "ulid";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { StateDatabase } from "../store/state-database.ts";
import { TaskRecords } from "../store/task-records.ts";
import { DiskLayout } from "./disk-layout.ts";
import { removeRemains } from "./leftovers.ts";

let folder: string;
let layout: DiskLayout;
let state: StateDatabase;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sam-leftovers-"));
  layout = new DiskLayout(folder);
  layout.prepare();
  state = new StateDatabase(layout.database);
});
afterEach(() => {
  state.sql.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("what is no workspace any more", () => {
  it("is removed at boot, of tasks that are over or unknown; what stands or belongs to an open task is left", async () => {
    const records = new TaskRecords(state);
    const [open, over, unknown] = [makeId("task", ulid()), makeId("task", ulid()), makeId("task", ulid())];
    await state.commit(() => {
      records.update(open, {});
      records.update(over, { life: "over" });
    });
    for (const taskId of [open, over, unknown]) {
      mkdirSync(layout.unfinished(workspaceIdOf(taskId)));
      mkdirSync(layout.vault(workspaceIdOf(taskId)));
    }
    const lost = makeId("task", ulid());
    mkdirSync(layout.workspace(workspaceIdOf(lost)));
    mkdirSync(layout.vault(workspaceIdOf(lost)));
    await removeRemains(layout, records.all());
    const isThere = (path: string) => existsSync(path);
    expect([open, over, unknown].map((taskId) => isThere(layout.unfinished(workspaceIdOf(taskId))))).toEqual([
      true,
      false,
      false,
    ]);
    expect([open, over, unknown, lost].map((taskId) => isThere(layout.vault(workspaceIdOf(taskId))))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(isThere(layout.workspace(workspaceIdOf(lost)))).toBe(true);
  });
});
