/** The commands about tasks: give one, look at it, speak with it, end it. */
import { permissionPolicies, policyMeanings } from "@sam/domain/permission-policy";
import { taskSteps } from "@sam/domain/task-lifecycle";
import { taskModes } from "@sam/protocol/task-api";
import { type Command, InvalidArgumentError, Option } from "commander";

import { commandContext, type CommonOptions } from "../command-context.ts";
import { type Finish, helpProse, makeCommand, oneDocument } from "../command-maker.ts";
import { addExportCommand } from "../record/record-program.ts";
import type { AnswerOptions } from "./answer-command.ts";
import type { CancelOptions } from "./cancel-command.ts";
import type { RunOptions } from "./run-command.ts";
import type { SayOptions } from "./say-command.ts";
import type { TaskOptions } from "./task-command.ts";
import type { DeliverOptions } from "./turn-commands.ts";

const idHelp = "the task's id, or a unique beginning or end of it";
const outputHelp = "show what successful tool calls printed, too";
const watchJson = "print one JSON document; with --watch, JSON lines";

export function addTaskCommands(program: Command, finish: Finish): void {
  addRunCommand(program, finish);
  addLookCommands(program, finish);
  addCancelCommand(program, finish);
  addAnswerCommand(program, finish);
  addSayCommand(program, finish);
  addTurnCommands(program, finish);
}

/** The policies, as an option that lists them. */
export function policyOption(): Option {
  return new Option("--policy <policy>", "what the agent may do without asking you").choices([...permissionPolicies]);
}

/** What each of them means, for a help text. */
export const policiesHelp = `
Policies:
${permissionPolicies.map((policy) => `  ${policy.padEnd(12)} ${policyMeanings[policy]}`).join("\n")}`;

export function modeOption(): Option {
  const help = "task: the end of the turn delivers; conversation: it waits for what you say next";
  return new Option("--mode <mode>", help).choices([...taskModes]);
}

function addRunCommand(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "run",
    description: "Do a task and show it: the conversation, the steps, the branch, the verdicts",
    json: "print JSON lines; the last one is of type result",
  })
    .argument("[prompt]", "what to do")
    .requiredOption("--repo <path or URL>", "the git repository; a path is relative to where you are")
    .option("--branch <name>", "the branch to start from (default: the repository's own)")
    .option("--agent <id>", "the agent (default: the project's; sam agents lists them)")
    .addOption(policyOption())
    .addOption(modeOption())
    .option("--check <command>", 'the command that proves the work, such as "npm test"')
    .option("--no-check", "no such command, although the project has one")
    .option("--file <path>", "read what to do from a file; - is the standard input")
    .option("--output", outputHelp)
    .addHelpText(
      "after",
      `${policiesHelp}\n${helpProse(
        "What is left out is the project's default (sam projects). Where the task asks or waits for you, you answer right here; without a terminal (and with --json) it says how to: sam answer, sam say, sam deliver.",
        "If SAM isn't running, it is started for this task and stopped afterwards.",
        "Ctrl-C asks whether to leave the task running, to cancel it, or to go on watching. Without a terminal (and with --json), SIGINT and SIGTERM leave it running and exit with 130.",
      )}`,
    )
    .action(async (prompt: string | undefined, options: CommonOptions & RunOptions) => {
      const { runCommand } = await import("./run-command.ts");
      finish(await runCommand(commandContext(options), prompt, options));
    });
}

function addLookCommands(program: Command, finish: Finish): void {
  makeCommand(program, { name: "tasks", description: "List the tasks, newest first", json: oneDocument })
    .option("--limit <number>", "how many", readLimit, 20)
    .option("--before <cursor>", "go on where an earlier list ended")
    .option("--step <step>", "only those in this step, such as running", readStep)
    .action(async (options: CommonOptions & { limit: number; before?: string; step?: string }) => {
      const { tasksCommand } = await import("./tasks-command.ts");
      finish(await tasksCommand(commandContext(options), options));
    });
  const task = makeCommand(program, {
    name: "task",
    description: "Show one task; an ended one gives its own exit code",
    json: watchJson,
  });
  task
    // What stands behind `export` is its own.
    .enablePositionalOptions()
    .argument("<id>", idHelp)
    .option("--watch", "show its conversation, as it happens, to its end")
    .option("--diff", "show the newest diff of its work")
    .option("--output", `with --watch: ${outputHelp}`)
    .action(async (id: string, options: CommonOptions & TaskOptions) => {
      const { taskCommand } = await import("./task-command.ts");
      finish(await taskCommand(commandContext(options), id, options));
    });
  addExportCommand(task, finish);
}

function addCancelCommand(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "cancel",
    description: "Cancel a task and show the receipt, line by line",
    json: "print JSON lines; the last one is of type result",
  })
    .argument("<id>", idHelp)
    .option("--no-wait", "return when the cancel is accepted")
    .option("--force", "where its receipt does not come: say what would be lost, ask, and end it now")
    .option("--yes", "with --force: do not ask")
    .action(async (id: string, options: CommonOptions & CancelOptions) => {
      const { cancelCommand } = await import("./cancel-command.ts");
      finish(await cancelCommand(commandContext(options), id, options));
    });
}

function addAnswerCommand(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "answer",
    description: "Show what a task asks, or answer it, once",
    json: oneDocument,
  })
    .argument("<id>", idHelp)
    .argument(
      "[option]",
      "the option's number, yes (once), no, its kind (such as allow_always) or its id; none is none of them (default: show the question)",
    )
    .option("--no-wait", "return when the answer is accepted, and not when the agent has read it")
    .action(async (id: string, option: string | undefined, options: CommonOptions & AnswerOptions) => {
      const { answerCommand } = await import("./answer-command.ts");
      finish(await answerCommand(commandContext(options), id, option, options));
    });
}

function addSayCommand(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "say",
    description: "Say something more to a task; one that has ended is continued on its branch, as a new task",
    json: watchJson,
  })
    .argument("<id>", idHelp)
    .argument("[text]", "what to say")
    .option("--interrupt", "while a turn runs: cancel it first (default: it is told at the end of the turn)")
    .option("--file <path>", "read what to say from a file; - is the standard input")
    .option("--watch", "show what comes of it, as it happens, to the end of the task")
    .option("--no-wait", "return when it is accepted, and not when the agent has read it")
    .option("--output", `with --watch: ${outputHelp}`)
    .action(async (id: string, text: string | undefined, options: CommonOptions & SayOptions) => {
      const { sayCommand } = await import("./say-command.ts");
      finish(await sayCommand(commandContext(options), id, text, options));
    });
}

function addTurnCommands(program: Command, finish: Finish): void {
  makeCommand(program, {
    name: "interrupt",
    description: "Cancel the turn that runs; the task then waits for what you say",
    json: oneDocument,
  })
    .argument("<id>", idHelp)
    .action(async (id: string, options: CommonOptions) => {
      const { interruptCommand } = await import("./turn-commands.ts");
      finish(await interruptCommand(commandContext(options), id));
    });
  makeCommand(program, {
    name: "deliver",
    description: "End a conversation: commit, check and push what there is",
    json: watchJson,
  })
    .argument("<id>", idHelp)
    .option("--watch", "show it to the end of the task")
    .option("--output", `with --watch: ${outputHelp}`)
    .action(async (id: string, options: CommonOptions & DeliverOptions) => {
      const { deliverCommand } = await import("./turn-commands.ts");
      finish(await deliverCommand(commandContext(options), id, options));
    });
}

function readLimit(text: string): number {
  const limit = Number(text);
  if (/^\d+$/.test(text) && limit >= 1 && limit <= 200) return limit;
  throw new InvalidArgumentError("It must be a number from 1 to 200.");
}

function readStep(text: string): string {
  if (taskSteps.some((step) => step === text)) return text;
  throw new InvalidArgumentError(`The steps are: ${taskSteps.join(", ")}.`);
}
