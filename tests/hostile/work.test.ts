/**
 * Hostile work: what an agent leaves in its workspace is delivered as it is and shown as it is, and nothing of it is run. All
 * cases are one task's work, so that each also stands in the way of the others.
 */
import { globSync } from "node:fs";
import { join } from "node:path";

import type { TaskView } from "@sam/protocol/task-api";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { shareBrowser } from "../browser/support/chromium.ts";
import { readMessages } from "../system/support/conversation.ts";
import { git } from "../system/support/repository.ts";
import { sam } from "../system/support/sam-command.ts";
import { workCases } from "./cases/work.ts";
import { shareHostileSystem } from "./support/hostile-system.ts";
import { lookAtDiff } from "./support/in-page.ts";
import { expectNoControls } from "./support/terminal-output.ts";
import { watchPage } from "./support/watched-page.ts";

const hostile = shareHostileSystem();
const browser = shareBrowser();
let task: TaskView;
let before: string;

beforeAll(async () => {
  before = await hostile().repository.head("main");
  // What is checked is what is pushed.
  const checkCommand = "grep -q hidden-change README.md && grep -q real-change z.sh";
  task = await hostile().play({ name: "work", acts: workCases.flatMap(({ acts }) => acts), checkCommand });
});

function show(...args: readonly string[]): Promise<string> {
  return git(hostile().repository.path, ...args);
}

const diffSchema = z.object({
  files: z.array(z.object({ name: z.string(), text: z.string() })),
  foreign: z.array(z.string()),
});

describe("delivered", () => {
  it("runs no program that the workspace names, at a diff or at the delivery", async () => {
    const { system } = hostile();
    await system.explained(task.taskId, async () => {
      expect(task.verdicts).toMatchObject({
        ended: { holds: true },
        checked: { outcome: "passed" },
        pushed: { holds: true },
      });
    });
    const traces = system.nodeDisks().flatMap((disk) => globSync(join(disk, "**/ran-*")));
    expect(traces).toEqual([]);
  });

  it("pushes one branch: no tag, no note, no other branch, and main is where it was", async () => {
    const { repository } = hostile();
    expect(await repository.head("main")).toBe(before);
    expect(await show("for-each-ref", "--format=%(refname)")).toBe(`refs/heads/main\nrefs/heads/${task.branch}`);
    const parents = await show("rev-list", "--count", `main..refs/heads/${task.branch}`);
    expect(parents).toBe("2");
  });

  it("pushes what was checked: also what the index was told not to look at", async () => {
    const { repository } = hostile();
    expect(await repository.read(task.branch, "README.md")).toContain("hidden-change");
    expect(await repository.read(task.branch, "z.sh")).toContain("real-change");
    expect(await repository.read(task.branch, "kept.txt")).toBe("as it is");
  });

  it("pushes links as links, odd names as names, and nothing of what is outside", async () => {
    const tree = (await show("-c", "core.quotePath=false", "ls-tree", "-r", "-z", `refs/heads/${task.branch}`)).split(
      "\0",
    );
    const links = tree.filter((entry) => entry.includes("\tlink-"));
    expect(links).toHaveLength(7);
    expect(links.filter((entry) => !entry.startsWith("120000 "))).toEqual([]);
    expect(await show("show", `refs/heads/${task.branch}:link-absolute`)).toBe("/etc/passwd");
    const odd = ["-rf", "--upload-pack=touch ran", "two\nlines.txt", "tab\there.txt", ":(exclude)z.sh"];
    expect(odd.filter((name) => !tree.some((entry) => entry.endsWith(`\t${name}`)))).toEqual([]);
    expect(tree.filter((entry) => entry.includes("\tinside/"))).toEqual([]);
  });
});

describe("reviewed", () => {
  it("on the page: each file shows its own change, whole, as text", async (test) => {
    const watched = await watchPage(test, browser(), hostile());
    await watched.page.goto(`${hostile().origin}/tasks/${task.taskId}?show=diff`);
    const dialog = watched.page.getByRole("dialog", { name: "Diff" });
    await dialog.getByRole("list", { name: "Changed files" }).waitFor();
    const closed = dialog.getByRole("listitem").getByRole("button", { expanded: false });
    while ((await closed.count()) > 0) await closed.first().click();
    const look = async () => diffSchema.parse(await watched.page.evaluate(lookAtDiff));
    await expect
      .poll(async () => (await look()).files.filter(({ text }) => text.includes("@@") || text.length > 5).length)
      .toBeGreaterThan(5);
    const { files, foreign } = await look();
    expect(foreign).toEqual([]);
    const textOf = (part: string) => files.find(({ name }) => name.includes(part))?.text ?? "";
    await expect
      .poll(async () => (await look()).files.find(({ name }) => /^z\.sh\b/.test(name))?.text)
      .toContain("rm -rf real-change");
    expect(textOf("hidden.js")).toContain("/*␛]*/ stealEscape(); /*␇*/");
    expect(textOf("hidden.js")).toContain("/*⟨U+202E⟩ { ⟨U+2066⟩*/ stealTurned()");
    expect(textOf("hidden.js")).toContain("// harmless␍ stealReturn();");
    expect(textOf("hidden.js")).toContain("const ⟨U+3164⟩ = stealFiller;");
    expect(
      files.filter(({ name, text }) => text.includes("FORGED-forged-patch") && !name.includes("a-forged.txt")),
    ).toEqual([]);
    expect(await watched.trespasses()).toEqual([]);
  });

  it("in the terminal: the same, and no control character", async (test) => {
    const { dataDirectory } = hostile().system;
    const { stdout } = await sam(test, ["task", task.taskId, "--diff"], { dataDirectory });
    expectNoControls(stdout);
    for (const code of ["stealEscape", "stealTurned", "stealReturn", "stealFiller", "rm -rf real-change"]) {
      expect(stdout).toContain(code);
    }
    const forged = stdout.split("\n").filter((line) => line.includes("FORGED"));
    expect(forged.filter((line) => !line.startsWith("+"))).toEqual([]);
  });

  it("of the conversation: the commits' own words are nowhere SAM's", async () => {
    const messages = await readMessages(hostile().system.api, task.taskId);
    expect(JSON.stringify(messages.filter(({ author }) => author === "sam"))).not.toContain("FORGED-history");
  });
});
