/** Saying more to a task: at its next turn, after this one, in place of this one, or after its end; and delivering it. */
import { stripVTControlCharacters } from "node:util";

import { taskViewSchema } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";

import { expectExit, untilEnded } from "../support/ends.ts";
import { parseJsonLines } from "../support/json-lines.ts";
import { type Finisher, sam, samInTerminal, startSam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { addStandIn, taskIdOf } from "./talking-agent.ts";

const system = shareSystem({ settings: { tasksPerNode: 8, maxNodes: 1 }, prepare: addStandIn });
const block = (script: string) => `Do it.\n\n\`\`\`sh\n${script}\n\`\`\`\n`;
const turnIsOver = "The turn is over. Say what comes next";

async function conversing(test: Finisher, name: string, start: typeof startSam) {
  const repository = await system().repository(name);
  const words = [
    "run",
    "--mode",
    "conversation",
    "--agent",
    "stand-in",
    "--repo",
    repository.path,
    "write one.txt one",
  ];
  const command = start(test, words, system());
  const taskId = await taskIdOf(system(), command);
  return { command, taskId, repository };
}

/** A turn of the runbook agent that stands at a gate. */
async function inTurn(test: Finisher, gate: string) {
  const { stage } = system();
  stage.shut(gate);
  const repository = await system().repository(gate);
  const prompt = block(`trap 'exit 143' TERM; ${stage.wait(gate)}; echo one > one.txt`);
  const { taskId } = await system().submit({ prompt, repository: { url: repository.path }, agentId: "runbook" });
  await system().untilStep(taskId, "running");
  const isAtWork = () =>
    system()
      .belongings.ofTask(taskId)
      .some(({ command }) => command.join(" ").includes(gate));
  await system().until("its block stands at the gate", isAtWork, { taskId });
  return { taskId, repository };
}

describe.concurrent("a conversation", () => {
  it("in a terminal goes on with what is typed, turn by turn, until it is delivered", async (test) => {
    const { command, taskId, repository } = await conversing(test, "typed", samInTerminal);
    await command.untilPrinted(turnIsOver);
    command.type("/delver\r");
    await command.untilPrinted(turnIsOver, 2);
    command.type("write two.txt two\r");
    await command.untilPrinted(turnIsOver, 3);
    command.type("/deliver\r");
    expectExit(await command.end(), 0);
    const text = stripVTControlCharacters(command.stdout);
    expect(text).toMatch(/» write one\.txt one[^]*» write two\.txt two[^]*✓ Completed/);
    const { branch } = await system().api.task(taskId);
    expect(await repository.changed(branch)).toEqual(["one.txt", "two.txt"]);
  });

  it("in a terminal can be left waiting, and cancelled later", async (test) => {
    const { command, taskId } = await conversing(test, "left", samInTerminal);
    await command.untilPrinted(turnIsOver);
    command.type("/leave\r");
    expectExit(await command.end(), 130);
    expect(stripVTControlCharacters(command.stdout)).toContain(`${taskId} was left running. Watch it with: sam task`);
    const watching = samInTerminal(test, ["task", taskId, "--watch"], system());
    await watching.untilPrinted(turnIsOver);
    watching.type("/cancel\r");
    expectExit(await watching.end(), 130);
    await untilEnded(system(), taskId, { step: "cancelled" });
  });

  it("without a terminal says how to go on: sam say begins the next turn, sam deliver ends it", async (test) => {
    const { command, taskId, repository } = await conversing(test, "piped", startSam);
    await command.untilPrinted(`It waits for you. Say more with: sam say ${taskId} "…", or end it with: sam deliver`);
    expect((await sam(test, ["task", taskId], system())).stdout).toContain(
      `sam say ${taskId} "…" begins its next turn`,
    );
    const said = await sam(test, ["say", taskId, "write two.txt two"], system());
    expectExit(said, 0);
    expect(said.stdout).toMatch(new RegExp(`^Told\\. ${taskId} is in running\\.`));
    await command.untilPrinted("It waits for you.", 2);
    const delivered = await sam(test, ["deliver", taskId, "--watch"], system());
    expectExit(delivered, 0);
    expect(delivered.stdout).not.toContain("» write one.txt");
    expect(delivered.stdout).toContain("✓ Completed");
    expectExit(await command.end(), 0);
    const { branch } = await system().api.task(taskId);
    expect(await repository.changed(branch)).toEqual(["one.txt", "two.txt"]);
    expectExit(await sam(test, ["deliver", taskId], system()), 1);
  });
});

describe.concurrent("while a turn runs", () => {
  it("sam say is kept, shown as waiting, and told at the end of the turn", async (test) => {
    const { taskId, repository } = await inTurn(test, "kept");
    const said = await sam(test, ["say", taskId, block("echo two > two.txt")], system());
    expectExit(said, 0);
    expect(said.stdout).toContain(`Kept: ${taskId} is told at the end of the turn that runs.`);
    const task = await sam(test, ["task", taskId], system());
    expect(task.stdout).toMatch(/waiting +Do it\. ```sh echo two > two\.txt ```/);
    expect(task.stdout).toContain("is told at the end of the turn that runs; with --interrupt, at once");
    system().stage.open("kept");
    const { branch } = await untilEnded(system(), taskId, { step: "completed" });
    expect(await repository.changed(branch)).toEqual(["one.txt", "two.txt"]);
  });

  it("sam interrupt ends the turn and the task waits for its person, with what there is", async (test) => {
    const { taskId } = await inTurn(test, "interrupted");
    const interrupted = await sam(test, ["interrupt", taskId], system());
    expectExit(interrupted, 0);
    expect(interrupted.stdout).toContain("and then awaits you");
    await system().untilStep(taskId, "awaiting_input");
    const again = await sam(test, ["interrupt", taskId], system());
    expectExit(again, 1);
    expect(again.stderr).toContain("No turn runs");
    expectExit(await sam(test, ["deliver", taskId, "--watch"], system()), 0);
  });

  it("sam say --interrupt ends the turn, and then it is told", async (test) => {
    const { taskId, repository } = await inTurn(test, "replaced");
    const words = ["say", taskId, "--interrupt", "--watch", block("echo two > two.txt")];
    const said = await sam(test, words, system());
    expectExit(said, 0);
    expect(said.stdout).toContain("The turn is cancelled first");
    const { branch } = await untilEnded(system(), taskId, { step: "completed" });
    expect(await repository.changed(branch)).toEqual(["two.txt"]);
  });
});

describe.concurrent("after the end", () => {
  async function finished(test: Finisher, name: string) {
    const repository = await system().repository(name);
    const words = ["run", "--agent", "stand-in", "--repo", repository.path, "write one.txt one", "--json"];
    const ended = await sam(test, words, system());
    expectExit(ended, 0);
    const { taskId } = taskViewSchema.parse(parseJsonLines(ended.stdout).at(-1)?.["task"]);
    return { taskId, repository };
  }

  it("sam say --watch continues the task as a new one, on the same branch, and follows it", async (test) => {
    const { taskId, repository } = await finished(test, "continued");
    const { dataDirectory } = system();
    const said = await sam(test, ["say", taskId, "--watch", "--file", "-"], {
      dataDirectory,
      input: "write two.txt two",
    });
    expectExit(said, 0);
    const [, next = ""] = new RegExp(`^(task_\\w+) continues ${taskId} on its branch sam/`).exec(said.stdout) ?? [];
    const before = await system().api.task(taskId);
    const after = await system().api.task(next);
    expect(after).toMatchObject({ continues: taskId, branch: before.branch, step: "completed" });
    expect(await repository.changed(after.branch)).toEqual(["one.txt", "two.txt"]);
    expect((await sam(test, ["task", taskId], system())).stdout).toContain(`goes on   as ${next}`);
    expect((await sam(test, ["task", next], system())).stdout).toContain(`continues ${taskId}`);

    const again = await sam(test, ["say", taskId, "write three.txt three"], system());
    expectExit(again, 1);
    expect(again.stderr).toContain(next);
  });

  it("--json names the new task, and what it continues", async (test) => {
    const { taskId } = await finished(test, "in-json");
    const said = await sam(test, ["say", taskId, "write two.txt two", "--json"], system());
    expectExit(said, 0);
    const [document] = parseJsonLines(said.stdout);
    const next = taskViewSchema.parse(document?.["task"]);
    expect(document).toMatchObject({ continues: taskId });
    expect(next.continues).toBe(taskId);
    await untilEnded(system(), next.taskId, { step: "completed" });
  });
});

describe.concurrent("what says nothing", () => {
  it.for([
    ["no text", [], "Say something"],
    ["an empty text", ["  "], "the text is empty"],
    ["a text and a file", ["more", "--file", "more.md"], "not both"],
  ] as const)("is bad usage: %s", async ([, args, words], test) => {
    const ended = await sam(test, ["say", "01J8ABC", ...args], system());
    expectExit(ended, 2);
    expect(ended.stderr).toContain(words);
    expect(ended.stderr).toContain("Nothing was said.");
  });
});
