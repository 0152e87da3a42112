/** The commands of `sam`, their arguments and their help. What a command does is loaded when it is called. */
import { Command, InvalidArgumentError, Option } from "commander";

import packageJson from "../package.json" with { type: "json" };
import { commandContext, type CommonOptions } from "./command-context.ts";
import { type ExitCode, exitCodesHelp } from "./exit-code.ts";
import type { StartOptions } from "./system/start-command.ts";
import type { UpOptions } from "./system/up-command.ts";
import type { RunOptions } from "./task/run-command.ts";
import type { TaskOptions } from "./task/task-command.ts";

type Finish = (code: ExitCode) => void;

/** @param finish is told the exit code of the command that ran. */
export function buildProgram(finish: Finish): Command {
  const program = new Command("sam")
    .description("Simple Agent Manager: runs AI coding agents on machines you own, and shows only what it can prove.")
    .version(packageJson.version)
    .exitOverride()
    .addHelpText("after", `\nIn a checkout, \`sam\` stands for \`npm run sam --\`.${"\n"}${exitCodesHelp}`);
  addSystemCommands(program, finish);
  addRunCommand(program, finish);
  addTaskCommands(program, finish);
  addMachineCommands(program, finish);
  return program;
}

function add(program: Command, name: string, description: string, json: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--data-dir <path>", "the data directory (default: SAM_DATA_DIR, or .sam in the checkout)")
    .option("--json", json)
    .exitOverride()
    .addHelpText("after", exitCodesHelp);
}

function addSystemCommands(program: Command, finish: Finish): void {
  const port = () =>
    new Option("--port <number>", "the port on 127.0.0.1 (default: 8787, or the next free one)").argParser(readPort);
  add(
    program,
    "start",
    "Start SAM; the first time with a first task on a sample repository (npm start)",
    "print JSON lines",
  )
    .addOption(port())
    .option("--once", "run that task, then stop; exit code 0 only if it completed and all four verdicts hold")
    .action(async (options: CommonOptions & StartOptions) => {
      const { startCommand } = await import("./system/start-command.ts");
      finish(await startCommand(commandContext(options), options));
    });
  add(program, "up", "Run the whole system on this machine until Ctrl-C", "print JSON lines")
    .addOption(port())
    .option("--detach", "return when it is ready; it goes on in the background")
    .addOption(new Option("--background").hideHelp())
    .action(async (options: CommonOptions & UpOptions) => {
      const { upCommand } = await import("./system/up-command.ts");
      finish(await upCommand(commandContext(options), options));
    });
  add(
    program,
    "down",
    "Stop the system in order, and prove that nothing of it remains",
    "print one JSON document",
  ).action(async (options: CommonOptions) => {
    const { downCommand } = await import("./system/down-command.ts");
    finish(await downCommand(commandContext(options)));
  });
}

function addRunCommand(program: Command, finish: Finish): void {
  add(
    program,
    "run",
    "Do a task and show it: the conversation, the steps, the branch, the verdicts",
    "print JSON lines; the last one is of type result",
  )
    .argument("[prompt]", "what to do")
    .requiredOption("--repo <path or URL>", "the git repository; a path is relative to where you are")
    .option("--branch <name>", "the branch to start from (default: the repository's own)")
    .option("--agent <id>", "the agent (default: runbook, which runs the prompt's fenced sh blocks)")
    .option("--check <command>", 'the command that proves the work, such as "npm test"')
    .option("--file <path>", "read what to do from a file; - is the standard input")
    .option("--output", "show what successful tool calls printed, too")
    .addHelpText(
      "after",
      `
If SAM isn't running, it is started for this task and stopped afterwards.
Ctrl-C asks whether to leave the task running, to cancel it, or to go on watching. Without a terminal (and with
--json), SIGINT and SIGTERM leave it running and exit with 130.`,
    )
    .action(async (prompt: string | undefined, options: CommonOptions & RunOptions) => {
      const { runCommand } = await import("./task/run-command.ts");
      finish(await runCommand(commandContext(options), prompt, options));
    });
}

function addTaskCommands(program: Command, finish: Finish): void {
  const idHelp = "the task's id, or a unique beginning or end of it";
  add(program, "tasks", "List the tasks, newest first", "print one JSON document")
    .option("--limit <number>", "how many", readLimit, 20)
    .option("--before <cursor>", "go on where an earlier list ended")
    .option("--step <step>", "only those in this step, such as running")
    .action(async (options: CommonOptions & { limit: number; before?: string; step?: string }) => {
      const { tasksCommand } = await import("./task/tasks-command.ts");
      finish(await tasksCommand(commandContext(options), options));
    });
  add(
    program,
    "task",
    "Show one task; an ended one gives its own exit code",
    "print one JSON document; with --watch, JSON lines",
  )
    .argument("<id>", idHelp)
    .option("--watch", "show its conversation, as it happens, to its end")
    .option("--output", "with --watch: show what successful tool calls printed, too")
    .action(async (id: string, options: CommonOptions & TaskOptions) => {
      const { taskCommand } = await import("./task/task-command.ts");
      finish(await taskCommand(commandContext(options), id, options));
    });
  add(
    program,
    "cancel",
    "Cancel a task and show the receipt, line by line",
    "print JSON lines; the last one is of type result",
  )
    .argument("<id>", idHelp)
    .option("--no-wait", "return when the cancel is accepted")
    .action(async (id: string, options: CommonOptions & { wait: boolean }) => {
      const { cancelCommand } = await import("./task/cancel-command.ts");
      finish(await cancelCommand(commandContext(options), id, options));
    });
  add(program, "answer", "Answer what a task asks", "print one JSON document")
    .argument("<id>", idHelp)
    .argument("<option>", "the option's number, its id or its kind (such as allow_once); none refuses them all")
    .action(async (id: string, option: string, options: CommonOptions) => {
      const { answerCommand } = await import("./task/answer-command.ts");
      finish(await answerCommand(commandContext(options), id, option));
    });
}

function addMachineCommands(program: Command, finish: Finish): void {
  add(
    program,
    "nodes",
    "List the nodes: what each is, what it does, when it was last heard from",
    "print one JSON document",
  )
    .option("--all", "those that are destroyed, too", false)
    .action(async (options: CommonOptions & { all: boolean }) => {
      const { nodesCommand } = await import("./nodes/nodes-command.ts");
      finish(await nodesCommand(commandContext(options), options));
    });
  add(
    program,
    "doctor",
    "Show what of this machine SAM can use, and how to get the rest",
    "print one JSON document",
  ).action(async (options: CommonOptions) => {
    const { doctorCommand } = await import("./doctor/doctor-command.ts");
    finish(await doctorCommand(commandContext(options)));
  });
}

function readPort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("It must be a number from 1 to 65535.");
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= 200) return limit;
  throw new InvalidArgumentError("It must be a number from 1 to 200.");
}
