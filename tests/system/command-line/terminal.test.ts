/** `sam` in a terminal: Ctrl-C asks, each answer does what it says, and no agent writes on the screen by itself. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { describe, expect, it } from "vitest";

import { readMessages } from "../support/conversation.ts";
import { expectExit, untilEnded } from "../support/ends.ts";
import { type Finisher, type RunningCommand, sam, samInTerminal } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";
import { System } from "../support/system.ts";

const system = shareSystem({ settings: { tasksPerNode: 8, maxNodes: 1 } });
const ctrlC = "\u0003";
const question = "[l]eave it running, [c]ancel it, or [g]o on watching?";

interface Watched {
  readonly command: RunningCommand;
  readonly taskId: string;
  /** How often the question was asked by now. */
  readonly asked: () => number;
}

/** `sam run` in a terminal, with its task in mid-turn at the gate. */
async function watch(test: Finisher, own: System, gate: string): Promise<Watched> {
  const { stage } = own;
  stage.shut(gate);
  const repository = await own.repository(gate);
  const prompt = `Wait.\n\n\`\`\`sh\ntrap 'exit 143' TERM; ${stage.wait(gate)}; echo done > done.txt\n\`\`\`\n`;
  const words = ["run", "--repo", repository.path, prompt];
  const command = samInTerminal(test, words, own);
  const taskId = await own.until("it is submitted", () => /task_[0-9A-Z]{26}/.exec(command.stdout)?.[0]);
  const ended = command.ended.then(({ stdout }) =>
    Promise.reject(new Error(`it ended before its task ran: ${stdout}`)),
  );
  await Promise.race([own.untilStep(taskId, "running"), ended]);
  return { command, taskId, asked: () => command.stdout.split(question).length - 1 };
}

async function interrupt({ command, asked }: Watched): Promise<void> {
  const before = asked();
  command.type(ctrlC);
  await system().until("the question is asked", () => asked() > before, { report: () => command.stdout });
}

/** The screen's text from the last question on. */
function afterQuestion({ command }: Watched): string {
  return stripVTControlCharacters(command.stdout.split(question).at(-1) ?? "").replaceAll("\r", "");
}

describe.concurrent("Ctrl-C asks what to do with the task:", () => {
  it.for(["l\r", "leave\r"])("%j leaves it running, and says how to watch it", async (answer, test) => {
    const gate = `left by ${answer.trim()}`;
    const watched = await watch(test, system(), gate);
    await interrupt(watched);
    watched.command.type(answer);
    expectExit(await watched.command.end(), 130);
    expect(afterQuestion(watched)).toContain(`${watched.taskId} was left running. Watch it with: sam task`);
    system().stage.open(gate);
    await untilEnded(system(), watched.taskId, { step: "completed" });
  });

  it("a second Ctrl-C leaves it running, too, and says so", async (test) => {
    const watched = await watch(test, system(), "left at once");
    await interrupt(watched);
    watched.command.type(ctrlC);
    expectExit(await watched.command.end(), 130);
    expect(afterQuestion(watched)).toContain(`${watched.taskId} was left running`);
    system().stage.open("left at once");
    await untilEnded(system(), watched.taskId, { step: "completed" });
  });

  it("c cancels it, and shows the receipt to its end", async (test) => {
    const watched = await watch(test, system(), "cancelled");
    await interrupt(watched);
    watched.command.type("c\r");
    expectExit(await watched.command.end(), 130);
    expect(afterQuestion(watched)).toMatch(/signal sent[^]*processes gone[^]*machine released[^]*▲ Cancelled/);
    await untilEnded(system(), watched.taskId, { step: "cancelled" });
  });

  it("g goes on watching; what is no answer is asked again; what came meanwhile is shown", async (test) => {
    const watched = await watch(test, system(), "watched on");
    await interrupt(watched);
    watched.command.type("what?\r");
    await system().until("it is asked again", () => watched.asked() === 2);
    watched.command.type("g\r");
    system().stage.open("watched on");
    expectExit(await watched.command.end(), 0);
    expect(afterQuestion(watched)).toContain("✓ Completed");
    await untilEnded(system(), watched.taskId, { step: "completed" });
  });

  it("a task that ends while the question stands is shown to its end", async (test) => {
    const watched = await watch(test, system(), "unanswered");
    await interrupt(watched);
    system().stage.open("unanswered");
    expectExit(await watched.command.end(), 0);
    expect(afterQuestion(watched)).toMatch(/● completed[^]*✓ Completed[^]*✓ pushed/);
  });

  it("left in a SAM that was started for it, that SAM stays up for it until sam down", async (test) => {
    const own = await System.prepare(test);
    const watched = await watch(test, own, "stays");
    await interrupt(watched);
    watched.command.type("l\r");
    expectExit(await watched.command.end(), 130);
    expect(afterQuestion(watched)).toContain("SAM stays up for it");
    expect(existsSync(join(own.dataDirectory, "run.json"))).toBe(true);
    own.stage.open("stays");
    await untilEnded(own, watched.taskId, { step: "completed" });
    expectExit(await sam(test, ["down"], own), 0);
    await own.untilNothingRemains();
  });
});

const loud = `Make noise.

\`\`\`sh
printf '\\033]0;owned\\007\\033[2J\\033[1;1H\\033[31mred\\033[?1049h\\r✓ pushed    all is well\\n\\b\\b\\302\\233A\\342\\200\\256'
yes 'all work and no play' | head -c 100000000
printf '\\033]52;c;cm0gLXJmCg==\\007last words\\n'
exit 7
\`\`\`
`;

describe.concurrent("an agent that prints 100 MB and every escape sequence", () => {
  it("takes over no terminal, and its last words and exit code are shown", async (test) => {
    const { dataDirectory } = system();
    const repository = await system().repository("loud");
    const command = samInTerminal(test, ["run", "--repo", repository.path, loud], { dataDirectory });
    const ended = await command.end();
    expectExit(ended, 1);
    // What is left of escape sequences are SAM's own: colours, and the erasing of its status line.
    const others = ended.stdout.replaceAll(/\u001b\[(?:[0-9;]*m|2K)/g, "");
    expect(others).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(ended.stdout.length).toBeLessThan(100_000);
    const lines = stripVTControlCharacters(others).split(/\r?\n|\r/);
    expect(lines.filter((line) => line.startsWith("✓ pushed"))).toEqual([]);
    expect(others).toContain("last words");
    expect(others).toContain("exited with 7");
    const taskId = /task_[0-9A-Z]{26}/.exec(others)?.[0] ?? "";
    const stored = JSON.stringify(await readMessages(system().api, taskId));
    expect(stored.length).toBeLessThan(2_000_000);
  });
});

describe.concurrent("without a terminal, or with NO_COLOR,", () => {
  it("nothing is coloured and no line is drawn over", async (test) => {
    const { dataDirectory } = system();
    const repository = await system().repository("plain");
    const words = ["run", "--repo", repository.path, "Do.\n\n```sh\necho x > x.txt\n```\n"];
    const piped = await sam(test, words, { dataDirectory, environment: { FORCE_COLOR: "" } });
    expectExit(piped, 0);
    expect(piped.stdout).not.toContain("\u001b");
    expect(piped.stdout).not.toContain("\r");
    const plain = await samInTerminal(test, words, { dataDirectory, environment: { NO_COLOR: "1" } }).end();
    expectExit(plain, 0);
    expect(plain.stdout.replaceAll("\u001b[2K", "")).not.toContain("\u001b");
  });
});
