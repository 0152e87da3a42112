/** What `--json` promises: every command prints JSON and nothing else, in success and in failure, as its help says. */
import { messageSchema } from "@sam/protocol/message";
import { nodeListSchema } from "@sam/protocol/node-api";
import { taskListSchema, taskViewSchema, transitionSchema } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { expectExit, untilEnded } from "../support/ends.ts";
import { parseJsonLines } from "../support/json-lines.ts";
import { type CommandEnd, type Finisher, sam, startSam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { System } from "../support/system.ts";

const system = shareSystem();
const oneBlock = "Say it.\n\n```sh\necho said > said.txt\n```\n";

function run(test: Finisher, ...args: readonly string[]): Promise<CommandEnd> {
  return sam(test, [...args, "--json"], system());
}

/** The one object that was printed. */
function document({ stdout }: CommandEnd): unknown {
  const [only, ...others] = parseJsonLines(stdout);
  expect(others).toEqual([]);
  return only;
}

const errorSchema = z.strictObject({ type: z.literal("error"), message: z.string().min(1), exitCode: z.number() });

describe.concurrent("sam run --json", () => {
  it("prints what happens, a line each, and at last the result; the other commands tell of it", async (test) => {
    const repository = await system().repository();
    const ended = await run(test, "run", "--repo", repository.path, oneBlock);
    expectExit(ended, 0);
    expect(ended.stderr).toBe("");
    const lines = parseJsonLines(ended.stdout);
    expect(lines[0]).toMatchObject({ type: "submitted" });
    const messages = lines.filter(({ type }) => type === "message").map(({ message }) => messageSchema.parse(message));
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1));
    expect(lines.at(-1)).toMatchObject({ type: "result", step: "completed", exitCode: 0, allVerdictsHold: true });
    const { taskId, branch } = taskViewSchema.parse(lines.at(-1)?.["task"]);

    const one = z
      .object({ task: taskViewSchema, transitions: z.array(transitionSchema) })
      .parse(document(await run(test, "task", taskId)));
    expect(one).toMatchObject({ task: { taskId, branch, step: "completed" } });
    expect(one.transitions.map(({ version }) => version)).toEqual(one.transitions.map((_, index) => index + 1));
    const watched = parseJsonLines((await run(test, "task", taskId.slice(-8), "--watch")).stdout);
    const again = watched.filter(({ type }) => type === "message").map(({ message }) => messageSchema.parse(message));
    expect(again.slice(0, messages.length)).toEqual(messages);
    expect(watched.at(-1)).toMatchObject({ type: "result", exitCode: 0 });
    const list = taskListSchema.parse(document(await run(test, "tasks")));
    expect(list.tasks.find((row) => row.taskId === taskId)).toMatchObject({ step: "completed", colour: "green" });
    const { nodes } = nodeListSchema.parse(document(await run(test, "nodes")));
    expect(nodes.some(({ isolation }) => isolation !== null)).toBe(true);
  });

  it("ends with an error on the same channel where it is refused", async (test) => {
    const ended = await run(test, "run", "--repo", "/srv/x.git", " ");
    expectExit(ended, 2);
    expect(errorSchema.parse(document(ended))).toMatchObject({
      exitCode: 2,
      message: expect.stringContaining("empty"),
    });
  });
});

describe.concurrent("--json of", () => {
  it("sam cancel prints the receipt line by line, and the task", async (test) => {
    const { stage } = system();
    stage.shut("cancelled");
    const repository = await system().repository("cancelled");
    const prompt = `Wait.\n\n\`\`\`sh\n${stage.wait("cancelled")}\n\`\`\`\n`;
    const { taskId } = await system().submit({ prompt, repository: { url: repository.path } });
    await system().untilStep(taskId, "running");
    const lines = parseJsonLines((await run(test, "cancel", taskId)).stdout);
    const entries = lines
      .slice(0, -1)
      .map(({ type, entry }) => ({ type, ...z.object({ line: z.string() }).parse(entry) }));
    expect(entries.map(({ line }) => line)).toEqual([
      "signal_sent",
      "processes_gone",
      "workspace_saved",
      "workspace_removed",
      "machine_released",
    ]);
    expect(lines.at(-1)).toMatchObject({ type: "result", task: { taskId, step: "cancelled" } });
    await untilEnded(system(), taskId, { step: "cancelled" });
  });

  it("sam doctor is one document, with what each thing gives and how to get it", async (test) => {
    const ended = await run(test, "doctor");
    expectExit(ended, 0);
    const check = z.object({ name: z.string(), state: z.enum(["ok", "limited", "missing"]), gives: z.string() });
    const found = z.object({ checks: z.array(check) }).parse(document(ended));
    const names = found.checks.map(({ name }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["node", "git", "bubblewrap", "cgroups", "port", "runbook", "system"]),
    );
  });

  it("sam up, start and down tells of the same system", async (test) => {
    const own = await System.prepare(test);
    const up = startSam(test, ["start", "--json"], own);
    const ready = await own.until("it is ready", () => up.printed().find(({ type }) => type === "ready"));
    const { url, pid, port } = z.object({ url: z.url(), pid: z.number(), port: z.number() }).parse(ready);
    const again = parseJsonLines((await sam(test, ["start", "--json"], own)).stdout);
    expect(again).toMatchObject([{ type: "already_running", url, pid, port }, { type: "work" }]);
    const refused = await sam(test, ["up", "--json"], own);
    expect(errorSchema.parse(document(refused)).exitCode).toBe(2);

    const down = document(await sam(test, ["down", "--json"], own));
    const proof = z.object({ line: z.string(), gone: z.literal(true), proof: z.string() });
    z.object({ type: z.literal("stopped"), proofs: z.array(proof).length(4) }).parse(down);
    expectExit(await up.end(), 0);
    expect(up.printed().at(-1)).toMatchObject({ type: "stopped" });
    expect(document(await sam(test, ["down", "--json"], own))).toMatchObject({ type: "not_running" });
  });

  it.for([
    [2, "an unknown option", "tasks", "--frob"],
    [2, "a missing argument", "task"],
    [2, "a missing option", "run", "Do it."],
    [2, "an unknown command", "frob"],
    [2, "a value that is none", "tasks", "--limit", "0"],
    [2, "a field that the API refuses", "tasks", "--step", "sleeping"],
    [1, "a task that there is not", "task", "task_01J8ABCDEFGHJKMNPQRSTVWXYZ"],
    [1, "a question that there is not", "answer", "01J8ABC", "1"],
  ] as const)("%i: %s is an error with its exit code", async ([exitCode, , ...args], test) => {
    const ended = await run(test, ...args);
    expectExit(ended, exitCode);
    expect(errorSchema.parse(document(ended)).exitCode).toBe(exitCode);
  });
});
