/** The flight recorder by the command line: a task's file, what it tells, the test case that it becomes; and the audit. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { readTaskExport } from "@sam/protocol/task-export";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { expectExit } from "../support/ends.ts";
import { parseJsonLines } from "../support/json-lines.ts";
import { RunningCommand, sam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";

const system = shareSystem({ settings: { tasksPerNode: 8, maxNodes: 1 } });
const directory = mkdtempSync(join(tmpdir(), "sam-recorder-"));
const file = join(directory, "task.json");
const checkout = fileURLToPath(new URL("../../..", import.meta.url));
const vitest = fileURLToPath(new URL("../../../node_modules/vitest/vitest.mjs", import.meta.url));
const oxfmt = fileURLToPath(new URL("../../../node_modules/.bin/oxfmt", import.meta.url));
let taskId = "";

beforeAll(async () => {
  const repository = await system().repository("recorded");
  const { taskId: submitted } = await system().submit({
    prompt: "Do it.\n\n```sh\necho said aloud; echo one > one.txt\n```\n",
    repository: { url: repository.path },
    agentId: "runbook",
  });
  taskId = submitted;
  await system().untilStep(taskId, "completed");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("sam task export", () => {
  it("writes one file, for its owner's eyes alone, and names it", async (test) => {
    const ended = await sam(test, ["task", "export", taskId.slice(-8), "--output", file], system());
    expectExit(ended, 0);
    expect(ended.stdout).toMatch(/task\.json: \d+ entries, \d+ messages, 1 node\.\nLook at it with: sam replay /);
    expect(statSync(file).mode & 0o077).toBe(0);
    const { task } = readTaskExport(readFileSync(file, "utf8"));
    expect(task.request.taskId).toBe(taskId);
    expect(task.transitions.at(-1)?.to).toBe("completed");
  });

  it("--json says where it is; - is the standard output; a folder that is not there is refused by name", async (test) => {
    const options = { dataDirectory: system().dataDirectory, directory };
    const named = await sam(test, ["task", "export", taskId, "--json"], options);
    expectExit(named, 0);
    expect(parseJsonLines(named.stdout)[0]).toMatchObject({ taskId, path: join(directory, `${taskId}.json`) });
    const printed = await sam(test, ["task", "export", taskId, "--output", "-"], options);
    expect(readTaskExport(printed.stdout).task.request.taskId).toBe(taskId);
    const refused = await sam(test, ["task", "export", taskId, "--output", join(directory, "no/such")], options);
    expectExit(refused, 2);
    expect(refused.stderr).toContain("cannot be written: its directory is not there");
  });
});

describe("sam replay", () => {
  const replay = async (test: Parameters<typeof sam>[0], text: string, name: string) => {
    const path = join(directory, name);
    writeFileSync(path, text);
    return sam(test, ["replay", path], { dataDirectory: join(directory, "nothing-runs-here") });
  };

  it("shows the life in its order, what the ten rules say, and that it is decided today as it was: no system is needed", async (test) => {
    const ended = await replay(test, readFileSync(file, "utf8"), "again.json");
    expectExit(ended, 0);
    const places = [
      /runner +begun → node_selection/,
      /provider +createServer\(/,
      /node +hello → ready/,
      /→ running \(/,
      /agent +.*said aloud|agent +tool /,
      /→ completed \(/,
      /What the ten rules say:/,
      /✓ 1\. three clocks, never one \(4 of 4 clauses checked\)/,
      /not in the file: /,
      /✓ 6\. a final step is final/,
      /✓ the task: \d+ entries decided again, each as it was recorded/,
      /✓ node_\w+: \d+ entries decided again, each as it was recorded/,
    ].map((pattern) => ended.stdout.search(pattern));
    expect(places.filter((place) => place === -1)).toEqual([]);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(ended.stdout).not.toContain("✗");
  });

  it("says where today's decision differs, and which rule is broken: exit code 1", async (test) => {
    const exported = readTaskExport(readFileSync(file, "utf8"));
    const [, , third] = exported.task.record.entries;
    const last = exported.task.transitions.at(-1);
    if (third === undefined || last === undefined) throw new Error("a life has more than that");
    third.after.deadlineAt = 1;
    exported.task.transitions.push({ ...last, version: 99, to: "running", from: "completed" });
    const ended = await replay(test, JSON.stringify(exported), "doctored.json");
    expectExit(ended, 1);
    expect(ended.stdout).toMatch(
      /✗ the task: .* 1 difference to what was recorded\n +3\. .*deadlineAt was 1, and is now \d+/,
    );
    expect(ended.stdout).toMatch(/✗ 6\. a final step is final.*\n.*became running/);
  });

  it.each([
    ["no file at all", null, /cannot be replayed:\n +there is no such file/],
    ["something else", "{}", /format: must be "sam-task-export"/],
    ["a field of the wrong kind", "version", /exportedAt: .*number/],
  ])("of %s says what is wrong: exit code 2", async (_what, text, says) => {
    const test = { onTestFinished: () => undefined };
    const broken =
      text === "version" ? JSON.stringify({ ...readTaskExport(readFileSync(file, "utf8")), exportedAt: "x" }) : text;
    const path = join(directory, `broken-${String(text).length}.json`);
    if (broken !== null) writeFileSync(path, broken);
    const ended = await sam(test, ["replay", path], { dataDirectory: directory });
    expectExit(ended, 2);
    expect(ended.stderr).toMatch(says);
  });

  it("--as-test writes a test case into the repository, where it passes", async (test) => {
    const cases = join(checkout, "packages/protocol/src/recorded");
    const hadCases = existsSync(cases);
    const name = taskId.toLowerCase().replace("_", "-");
    try {
      const written = await sam(test, ["replay", file, "--as-test"], system());
      expectExit(written, 0);
      expect(written.stdout).toContain(`${join(cases, name)}.test.ts\nRun it with: npm test -- ${name}\n`);
      const run = new RunningCommand(test, [process.execPath, vitest, "run", "--project=node", name], {
        directory: checkout,
        environment: { NO_COLOR: "1" },
      });
      const ended = await run.end();
      expect(ended.stdout).toMatch(/Tests +2 passed/);
      expectExit(ended, 0);
      const format = new RunningCommand(test, [oxfmt, "--check", join(cases, `${name}.test.ts`)], {
        directory: checkout,
      });
      expectExit(await format.end(), 0);
    } finally {
      rmSync(hadCases ? join(cases, `${name}.test.ts`) : cases, { recursive: true, force: true });
    }
  });
});

describe("sam audit", () => {
  it("says each figure with since when it is known, and prints it as one document", async (test) => {
    const ended = await sam(test, ["audit"], system());
    expectExit(ended, 0);
    expect(ended.stdout).toMatch(/^The last 30 days, since [\d-]+ [\d:]+:\n/);
    expect(ended.stdout).toMatch(/Tasks stuck past a deadline: /);
    expect(ended.stdout).toMatch(/Sweeps missed while SAM was on: /);
    const document = await sam(test, ["audit", "--days", "7", "--json"], system());
    expect(parseJsonLines(document.stdout)[0]).toMatchObject({ days: 7, stuck: { tasks: [] } });
    expectExit(await sam(test, ["audit", "--days", "0"], system()), 2);
  });
});
