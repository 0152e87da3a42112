/**
 * Hostile words: everything that an agent may say, shown on the page and in the terminal, must stay words. A group of cases
 * is one conversation; a trace of a script, a request or a forgery names its case.
 */
import type { Message } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { shareBrowser } from "../browser/support/chromium.ts";
import { readMessages } from "../system/support/conversation.ts";
import { endCases } from "./cases/ends.ts";
import { floodCases } from "./cases/floods.ts";
import { linkCases } from "./cases/links.ts";
import { markupCases } from "./cases/markup.ts";
import { signCases } from "./cases/signs.ts";
import { voiceCases } from "./cases/voices.ts";
import { type EmittedCase, marker } from "./support/hostile-case.ts";
import { shareHostileSystem } from "./support/hostile-system.ts";
import type { ShownRow } from "./support/in-page.ts";
import { far, farHost } from "./support/payload.ts";
import { expectPlainTerminal, watchInTerminal } from "./support/terminal-output.ts";
import { type WatchedPage, watchPage } from "./support/watched-page.ts";

const hostile = shareHostileSystem();
const browser = shareBrowser();

interface Group {
  readonly name: string;
  readonly cases: readonly EmittedCase[];
}

const groups: readonly Group[] = [
  { name: "markup", cases: [...markupCases, ...linkCases] },
  { name: "voices", cases: voiceCases },
  { name: "signs", cases: signCases },
  { name: "floods", cases: floodCases },
  ...endCases.map((each) => ({ name: each.id, cases: [each] })),
];
const tasks = new Map<string, TaskView>();

beforeAll(async () => {
  await Promise.all(
    groups.map(async ({ name, cases }) => {
      const { taskId } = await hostile().begin({ name, acts: cases.flatMap(({ acts }) => acts) });
      tasks.set(name, await hostile().system.untilFinal(taskId, 90_000));
    }),
  );
});

/** One person reads all of it, one after the other. */
const finishes: (() => Promise<void>)[] = [];
let reader: WatchedPage | null = null;
beforeAll(async () => {
  reader = await watchPage({ onTestFinished: (finish) => void finishes.push(finish) }, browser(), hostile());
});
afterAll(async () => {
  for (const finish of finishes) await finish();
});

function watched(): WatchedPage {
  if (reader === null) throw new Error("nobody watches");
  return reader;
}

function taskOf(name: string): TaskView {
  const task = tasks.get(name);
  if (task === undefined) throw new Error(`${name} was not played`);
  return task;
}

/** SAM and the person say on the page what the control plane has of them, and nothing else. */
function expectOwnVoices(rows: readonly ShownRow[], messages: readonly Message[]): void {
  const own = messages.filter(({ author, body }) => author !== "agent" && body.kind !== "permission_settled");
  const shown = rows.filter(({ author }) => author === "sam" || author === "user");
  expect(shown.map(({ seq }) => seq)).toEqual(own.map(({ seq }) => seq));
  for (const { author, label, text } of shown) {
    expect(label).toMatch(author === "user" ? /^You$/ : /^SAM: /);
    // What SAM quotes, it quotes: between marks that the agent cannot close, or as evidence of a failure.
    const unquoted = label.startsWith("SAM: failed") ? "" : text.replaceAll(/“[^“”]*”/g, "“”");
    expect(unquoted).not.toContain("FORGED");
  }
}

describe.each(groups)("on the page, $name", ({ name, cases }) => {
  it("run nothing, load nothing, and take nobody else's voice", async () => {
    const { taskId } = taskOf(name);
    const rows = await watched().read(taskId);
    const agentText = rows.flatMap(({ author, text }) => (author === "agent" ? [text] : [])).join("\n");
    expect(cases.flatMap(({ id }) => (agentText.includes(marker(id)) ? [] : [id]))).toEqual([]);
    expect(rows.flatMap(({ foreign, text }) => foreign.map((what) => `${what} in ${text.slice(0, 60)}`))).toEqual([]);
    expectOwnVoices(rows, await readMessages(hostile().system.api, taskId));
    expect(await watched().page.title()).not.toContain("FORGED");
    expect(await watched().trespasses()).toEqual([]);
  });
});

describe.concurrent.each(groups)("in the terminal, $name", ({ name }) => {
  it("print no control character, and no line of SAM's but its own", async (test) => {
    expectPlainTerminal(await watchInTerminal(test, hostile().system, taskOf(name).taskId));
  });
});

it("a link says which host it leads to, whatever its text is, and is not followed unasked", async () => {
  const { page } = watched();
  await watched().read(taskOf("markup").taskId);
  await page.getByRole("link", { name: "https://github.com/login" }).click();
  const asked = page.getByRole("dialog", { name: "This link leads out of SAM" });
  await asked.getByText(far("lying-links"), { exact: true }).waitFor();
  expect(await asked.innerText()).toContain(`It leads to ${farHost}:`);
  await asked.getByRole("button", { name: "Stay here" }).click();
  await asked.waitFor({ state: "detached" });
  expect(await watched().trespasses()).toEqual([]);
});

it("a forged verdict changes none: each task ended as it did", () => {
  for (const [name, { step, verdicts }] of tasks) {
    expect({ name, pushed: verdicts.pushed?.holds, produced: verdicts.produced?.holds }).toEqual({
      name,
      pushed: false,
      produced: false,
    });
    expect({ name, step }).toEqual({ name, step: name.startsWith("end-") ? "failed" : "completed" });
  }
});

it("the same tool call id in two tasks is two tool calls", async () => {
  const { api } = hostile().system;
  const ids = await Promise.all(
    ["voices", "signs"].map(async (name) => (await readMessages(api, taskOf(name).taskId)).map(({ body }) => body)),
  );
  for (const [index, bodies] of ids.entries()) {
    const text = JSON.stringify(bodies);
    expect(text.includes(marker("tool-names"))).toBe(index === 0);
    expect(text.includes(marker("escapes-tool"))).toBe(index === 1);
  }
});

it("a canary: what must not come about is noticed where it does", async (test) => {
  const canary = await watchPage(test, browser(), hostile(), { expectedErrors: /Content Security Policy/ });
  const { taskId } = taskOf("voices");
  await canary.read(taskId);
  await canary.page.evaluate(`(() => {
    const agents = document.querySelector("article [data-author=agent]");
    agents.insertAdjacentHTML("beforeend", '<img src="https://evil.invalid/canary"><b onclick="x()">FORGED</b>');
    document.querySelector("article [data-author=sam]").append("FORGED");
  })()`);
  const rows = await canary.readThrough();
  const foreign = rows.flatMap((row) => row.foreign);
  expect(foreign).toEqual(expect.arrayContaining(["<img>", "img src", "<b>", "b onclick"]));
  const messages = await readMessages(hostile().system.api, taskId);
  expect(() => expectOwnVoices(rows, messages)).toThrow("FORGED");

  await canary.page.evaluate(`(() => {
    window.hostileTrace.push("canary");
    window.open("https://evil.invalid/window");
    setTimeout(() => alert("canary"));
  })()`);
  await expect.poll(() => canary.trespasses()).toContain("a dialog opened: canary");
  const trespasses = (await canary.trespasses()).join("\n");
  const traces = [
    "a script ran: canary",
    "img-src https://evil.invalid/canary",
    "asked for https://evil.invalid/window",
  ];
  for (const trace of traces) expect(trespasses).toContain(trace);
});
