/** An agent asks: a person answers from another terminal, or right where the task is followed; exactly once. */
import { stripVTControlCharacters } from "node:util";

import { describe, expect, it } from "vitest";

import { expectExit, untilEnded } from "../support/ends.ts";
import { parseJsonLines } from "../support/json-lines.ts";
import { type Finisher, type RunningCommand, sam, samInTerminal, startSam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { addStandIn, taskIdOf } from "./talking-agent.ts";

const system = shareSystem({ settings: { tasksPerNode: 8, maxNodes: 1 }, prepare: addStandIn });
const keys = "Your answer: 1-2, [y]es, once, [n]o, or [l]eave it open?";
const ctrlC = "\u0003";

async function asking(test: Finisher, name: string, start: typeof startSam) {
  const repository = await system().repository(name);
  const words = ["run", "--repo", repository.path, "--agent", "stand-in", `ask ${name}.txt hello`];
  const command = start(test, words, system());
  const taskId = await taskIdOf(system(), command);
  await system().untilStep(taskId, "awaiting_input");
  return { command, taskId, repository };
}

/** What a terminal shows, without its colours and line ends. */
function shown({ stdout }: RunningCommand): string {
  return stripVTControlCharacters(stdout).replaceAll("\r", "");
}

describe.concurrent("without a terminal", () => {
  it("sam run shows the question and how to answer it; sam answer shows it, too, and answers it", async (test) => {
    const { command, taskId, repository } = await asking(test, "piped", startSam);
    await command.untilPrinted(`Answer with: sam answer ${taskId} <number>`);
    expect(command.stdout).toMatch(/\? Asks for permission: Write piped\.txt \(edit\)\n +1 {2}Yes \(allow_once\)\n/);

    const question = await sam(test, ["answer", taskId.slice(-8)], system());
    expectExit(question, 0);
    expect(question.stdout).toContain("? Write piped.txt (edit)");
    expect(question.stdout).toContain("  2  No (reject_once)");
    const [document] = parseJsonLines((await sam(test, ["answer", taskId, "--json"], system())).stdout);
    expect(document).toMatchObject({
      taskId,
      permission: { title: "Write piped.txt", options: [{}, {}] },
      settled: [],
    });
    expect((await sam(test, ["task", taskId], system())).stdout).toContain(
      `Answer with: sam answer ${taskId} <number>`,
    );

    const none = await sam(test, ["answer", taskId, "3"], system());
    expectExit(none, 2);
    expect(none.stderr).toContain("Nothing was answered");
    const given = await sam(test, ["answer", taskId, "1"], system());
    expectExit(given, 0);
    expect(given.stdout).toContain("Answered: Yes (allow_once).");

    const ended = await command.end();
    expectExit(ended, 0);
    expect(ended.stdout).toContain("Answered by you: Yes (allow_once).");
    const { branch } = await system().api.task(taskId);
    expect(await repository.read(branch, "piped.txt")).toBe("hello");
  });

  it("an answer that comes too late changes nothing, says who was first, and exits with 1", async (test) => {
    const { command, taskId } = await asking(test, "late", startSam);
    expectExit(await sam(test, ["answer", taskId, "reject_once"], system()), 0);
    expectExit(await command.end(), 0);
    const late = await sam(test, ["answer", taskId, "1"], system());
    expectExit(late, 1);
    expect(late.stderr).toMatch(
      /asks nothing at present: it has ended, completed\. .*was answered by you at .*: No \(reject/,
    );
    const question = await sam(test, ["answer", taskId], system());
    expect(question).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("was answered by you at") });
  });

  it("of two who answer at once exactly one does, and the other is told", async (test) => {
    const { command, taskId } = await asking(test, "both", startSam);
    const ends = await Promise.all(["yes", "no"].map((option) => sam(test, ["answer", taskId, option], system())));
    expect(new Set(ends.map(({ exitCode }) => exitCode))).toEqual(new Set([0, 1]));
    const answered = ends[0]?.exitCode === 0 ? "Yes (allow_once)" : "No (reject_once)";
    expect(ends.find(({ exitCode }) => exitCode === 1)?.stderr).toMatch(/answered.* by you at .*: /);
    const ended = await command.end();
    expect(ended.stdout.match(/Answered by you: .*\./g)).toEqual([`Answered by you: ${answered}.`]);
  });
});

describe.concurrent("in a terminal", () => {
  it("the question is answered by a key; what is no answer is asked again", async (test) => {
    const { command, taskId, repository } = await asking(test, "keyed", samInTerminal);
    await command.untilPrinted(keys);
    command.type("9\r");
    await command.untilPrinted(keys, 2);
    command.type("y\r");
    expectExit(await command.end(), 0);
    expect(shown(command)).toMatch(/Answered by you: Yes \(allow_once\)[^]*✓ Completed/);
    const { branch } = await system().api.task(taskId);
    expect(await repository.read(branch, "keyed.txt")).toBe("hello");
  });

  it("n refuses, by the option that means no", async (test) => {
    const { command, taskId } = await asking(test, "refused", samInTerminal);
    await command.untilPrinted(keys);
    command.type("n\r");
    expectExit(await command.end(), 0);
    expect(shown(command)).toContain("Answered by you: No (reject_once)");
    await untilEnded(system(), taskId, { step: "completed", verdicts: { produced: { holds: false } } });
  });

  it("an answer from elsewhere takes the question away, and the task is shown to its end", async (test) => {
    const { command, taskId } = await asking(test, "elsewhere", samInTerminal);
    await command.untilPrinted(keys);
    expectExit(await sam(test, ["answer", taskId, "1"], system()), 0);
    expectExit(await command.end(), 0);
    expect(shown(command)).toMatch(/Answered by you: Yes[^]*✓ Completed/);
  });

  it("l leaves it open: it goes on waiting, and sam answer is named", async (test) => {
    const { command, taskId } = await asking(test, "open", samInTerminal);
    await command.untilPrinted(keys);
    command.type("l\r");
    await command.untilPrinted(`Left open. Answer it with: sam answer ${taskId} <number>`);
    await system().untilStep(taskId, "awaiting_input");
    expectExit(await sam(test, ["answer", taskId, "1"], system()), 0);
    expectExit(await command.end(), 0);
  });

  it("Ctrl-C at the question asks about the task first; going on, the question is asked again", async (test) => {
    const { command } = await asking(test, "interrupted", samInTerminal);
    await command.untilPrinted(keys);
    command.type(ctrlC);
    await command.untilPrinted("or [g]o on watching?");
    command.type("g\r");
    await command.untilPrinted(keys, 2);
    command.type("1\r");
    expectExit(await command.end(), 0);
    expect(shown(command)).toContain("Answered by you: Yes");
  });

  it("Ctrl-C and c at the question cancel the task", async (test) => {
    const { command, taskId } = await asking(test, "cancelled", samInTerminal);
    await command.untilPrinted(keys);
    command.type(ctrlC);
    await command.untilPrinted("[c]ancel it");
    command.type("c\r");
    expectExit(await command.end(), 130);
    await untilEnded(system(), taskId, { step: "cancelled" });
  });
});
