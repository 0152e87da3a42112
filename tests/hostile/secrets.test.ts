/** A hostile agent that has its owner's secret: it says it in every way, and none is stored, shown or pushed. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { TaskView } from "@sam/protocol/task-api";
import { taskExportSchema } from "@sam/protocol/task-export";
import { beforeAll, describe, expect, it } from "vitest";

import { shareBrowser } from "../browser/support/chromium.ts";
import { readMessages } from "../system/support/conversation.ts";
import { leakCases, secretCases } from "./cases/secrets.ts";
import { marker } from "./support/hostile-case.ts";
import { secretName, secretValue, shareHostileSystem } from "./support/hostile-system.ts";
import { watchInTerminal } from "./support/terminal-output.ts";
import { watchPage } from "./support/watched-page.ts";

const hostile = shareHostileSystem();
const browser = shareBrowser();
let told: TaskView;
const leaked = new Map<string, TaskView>();

/** So much of it, in one of its encodings, gives it away. */
const forms = [
  secretValue,
  JSON.stringify(secretValue).slice(1, -1),
  encodeURIComponent(secretValue),
  Buffer.from(secretValue).toString("base64"),
  Buffer.from(`user:${secretValue}`).toString("base64").slice(8, 40),
].flatMap((form) => [form, form.slice(0, 20), form.slice(-20)]);

function formsIn(text: string): readonly string[] {
  return forms.filter((form) => text.includes(form));
}

beforeAll(async () => {
  const [{ taskId }] = await Promise.all([
    hostile().begin({ name: "secrets", acts: secretCases.flatMap(({ acts }) => acts) }),
    ...leakCases.map(async ({ id, acts }) => {
      leaked.set(id, await hostile().play({ name: id, acts }));
    }),
  ]);
  told = await hostile().refuseAll(taskId);
});

describe("what an agent says", () => {
  it("is stored without the secret: in no message, no database, no log", async () => {
    const { system } = hostile();
    const tasks = [told, ...leaked.values()];
    const messages = await Promise.all(tasks.map(({ taskId }) => readMessages(system.api, taskId)));
    const all = JSON.stringify([tasks, messages]);
    expect(all).toContain(`[secret ${secretName}]`);
    expect(formsIn(all)).toEqual([]);
    const stores = [
      ...globSync(join(system.dataDirectory, "{state,logs}/**/*")),
      ...system
        .nodeDisks()
        .flatMap((disk) => globSync([join(disk, "state/vm-agent.sqlite*"), join(disk, "../console.log")])),
    ];
    expect(stores.length).toBeGreaterThan(5);
    const holders = stores.filter((file) => formsIn(textOf(file)).length > 0);
    expect(holders).toEqual([]);
  });

  it("leaves in a file of the flight recorder without it", async () => {
    const { api } = hostile().system;
    for (const { taskId } of [told, ...leaked.values()]) {
      const exported = await api.request("GET", `/api/tasks/${taskId}/export`, taskExportSchema);
      expect(exported.secretsRemoved).toEqual([secretName]);
      expect(exported.task.messages.length).toBeGreaterThan(5);
      expect(formsIn(JSON.stringify(exported))).toEqual([]);
    }
  });

  it("is shown without it, on the page and in the terminal", async (test) => {
    const watched = await watchPage(test, browser(), hostile());
    const shown = (await watched.read(told.taskId)).map(({ text, label }) => `${label}\n${text}`).join("\n");
    expect(secretCases.filter(({ id }) => !shown.includes(marker(id)))).toEqual([]);
    expect(formsIn(shown)).toEqual([]);
    expect(formsIn(await watched.page.content())).toEqual([]);
    const { piped, drawn } = await watchInTerminal(test, hostile().system, told.taskId);
    expect(formsIn(piped + drawn)).toEqual([]);
  });
});

describe("a delivery", () => {
  it.each(leakCases)("of $id pushes nothing, and says what stands where by its name", async ({ id, place }) => {
    const task = leaked.get(id);
    expect(task?.failure).toMatchObject({ reason: "delivery_failed" });
    expect(task?.failure?.evidence).toMatch(new RegExp(`${place}.*holds the value of the secret ${secretName}`));
    expect(await hostile().repository.branches()).not.toContain(task?.branch);
  });
});

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    // A folder, or a database's file that was just taken away.
    return "";
  }
}
