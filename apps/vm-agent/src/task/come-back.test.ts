import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeId, workspaceIdOf } from "@sam/domain/ids";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { KnownSecrets } from "../secret/known-secrets.ts";
import { Inbox, type InboxBody, type InboxCommand } from "../store/inbox.ts";
import { Outbox } from "../store/outbox.ts";
import { StateDatabase } from "../store/state-database.ts";
import { TaskRecords } from "../store/task-records.ts";
import { comeBack } from "./carry-out.ts";
import { TaskDesk } from "./task-desk.ts";

const taskId = makeId("task", "01JAAAAAAAAAAAAAAAAAAAAAAA");
const workspaceId = workspaceIdOf(taskId);

let folder: string;
let state: StateDatabase;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sam-come-back-"));
  state = new StateDatabase(join(folder, "state.db"));
  vi.useFakeTimers({ toFake: ["setTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

/** A desk whose void task cannot be torn down, as where a process does not end. @param ends when that is known. */
function deskThatFails(ends: Promise<void> = Promise.resolve()) {
  const secrets = new KnownSecrets();
  const stores = {
    state,
    inbox: new Inbox(state),
    records: new TaskRecords(state),
    outbox: new Outbox(state, (of) => secrets.mask(of)),
  };
  const voided: string[] = [];
  const work = {
    carryOut: async ({ commandId, body }: InboxCommand, signal: AbortSignal) => {
      if (body.type === "create_workspace") await comeBack(stores, taskId, signal.aborted);
      if (body.type === "tear_down") await state.commit(() => stores.outbox.append(taskId, tornDown));
      if (body.type !== "void_task") return;
      voided.push(commandId);
      await ends;
      throw new Error("processes remain");
    },
    failureEvent: () => null,
  };
  const desk = new TaskDesk({ ...stores, work }, taskId);
  const give = async (commandId: string, body: InboxBody) => {
    const command = { commandId, taskId, body };
    await state.commit(() => {
      stores.inbox.receive(command, 0);
      stores.records.update(taskId, {});
    });
    desk.receive({ ...command, receivedAt: 0, state: "received", progress: [] });
    await state.commit(() => undefined);
  };
  return { ...stores, voided, give };
}

const tornDown = { type: "torn_down", savedRef: null } as const;
const create: InboxBody = {
  type: "create_workspace",
  workspaceId,
  repository: { url: "https://git.test/project.git", branch: null },
  agentId: "runbook",
  branch: "sam/project",
  comesBack: true,
};

describe("a task that was void and comes back to its node", () => {
  it("is heard again, and is not torn down for what it was before, though that was still to be tried again", async () => {
    const { records, outbox, inbox, voided, give } = deskThatFails();
    await give("void.1", { type: "void_task", workspaceId });
    expect(voided).toEqual(["void.1"]);
    expect(records.get(taskId)).toMatchObject({ life: "ending", isVoid: true });
    await comeBack({ state, records, outbox, inbox }, taskId, false);
    expect(records.get(taskId)).toMatchObject({ life: "active", isVoid: false });
    expect(inbox.unfinished()).toEqual([]);
    await state.commit(() => outbox.append(taskId, { type: "workspace_accepted" }));
    expect(outbox.after(0, 10).map(({ record }) => record)).toEqual([expect.stringContaining('"seq":1')]);
    vi.advanceTimersByTime(120_000);
    await state.commit(() => undefined);
    expect(voided).toEqual(["void.1"]);
    expect(records.get(taskId).life).toBe("active");
  });

  it("is tried again where it does not come back", async () => {
    const { voided, give } = deskThatFails();
    await give("void.1", { type: "void_task", workspaceId });
    await vi.waitFor(() => {
      vi.advanceTimersByTime(60_000);
      expect(voided.length).toBeGreaterThan(1);
    });
  });

  it("is torn down as what came back, also where that was asked for before it was begun", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { records, outbox, inbox, give } = deskThatFails(promise);
    await give("void.1", { type: "void_task", workspaceId });
    await give("back", create);
    await give("down", { type: "tear_down", workspaceId });
    resolve();
    await vi.waitFor(() => expect(inbox.unfinished()).toEqual([]));
    expect(records.get(taskId)).toMatchObject({ life: "ending", isVoid: false });
    expect(outbox.after(0, 10).map(({ record }) => record)).toEqual([
      expect.stringMatching(/"seq":1,.*"type":"torn_down"/),
    ]);
  });
});
