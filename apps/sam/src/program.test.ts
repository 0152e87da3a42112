import { type Command, CommanderError } from "commander";
import { describe, expect, it } from "vitest";

import { exitCodesHelp } from "./exit-code.ts";
import { buildProgram } from "./program.ts";

interface Said {
  out: string;
  error: unknown;
}

function withAllBelow(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}

/** Such as `secrets set`; one that only holds others, and is given nothing itself, is none. */
function wordsOf(command: Command, before: readonly string[] = []): readonly string[] {
  return command.commands.flatMap((one) => {
    const words = [...before, one.name()];
    const isOne = one.commands.length === 0 || one.registeredArguments.length > 0;
    return [...(isOne ? [words.join(" ")] : []), ...wordsOf(one, words)];
  });
}

/** Parses a command line as `sam` does, without a process. */
async function parse(args: readonly string[]): Promise<Said> {
  const said: Said = { out: "", error: null };
  const program = buildProgram(() => undefined);
  const output = {
    writeOut: (text: string) => void (said.out += text),
    writeErr: (text: string) => void (said.out += text),
  };
  for (const command of withAllBelow(program)) command.configureOutput(output);
  try {
    await program.parseAsync(["node", "sam", ...args]);
  } catch (error) {
    said.error = error;
  }
  return said;
}

const names = wordsOf(buildProgram(() => undefined));

describe("the commands", () => {
  it("are those of the manual", () => {
    expect(names).toEqual(
      [
        ["start", "up", "down", "open"],
        ["run", "tasks", "task", "task export", "cancel", "answer", "say", "interrupt", "deliver"],
        ["replay"],
        ["inbox"],
        ["saved"],
        ["agents", "agent set", "agent check"],
        ["secrets set", "secrets list", "secrets delete", "secrets rotate"],
        ["projects", "project set"],
        ["nodes", "ledger", "doctor"],
        ["audit", "break"],
      ].flat(),
    );
  });

  it.each(names)("sam %s --help lists the exit codes and --json", async (name) => {
    const { out, error } = await parse([...name.split(" "), "--help"]);
    expect(error).toBeInstanceOf(CommanderError);
    expect((error as CommanderError).exitCode).toBe(0);
    expect(out).toContain(exitCodesHelp.trim());
    expect(out).toContain("--json");
    expect(out).toContain("--data-dir <path>");
    expect(out).not.toContain("--background");
  });

  it.each([
    ["no command", []],
    ["a command that is none", ["fly"]],
    ["an option that is none", ["tasks", "--loud"]],
    ["a port that is no number", ["up", "--port", "http"]],
    ["a port out of range", ["up", "--port", "70000"]],
    ["a limit of nothing", ["tasks", "--limit", "0"]],
    ["no repository", ["run", "do it"]],
    ["more than one prompt", ["run", "--repo", ".", "do", "it"]],
    ["no task", ["task"]],
    ["nothing to say it to", ["say"]],
    ["a policy that there is not", ["run", "--repo", ".", "do it", "--policy", "allow_most"]],
    ["a mode that there is not", ["project", "set", ".", "--mode", "chat"]],
    ["a setting that there is not", ["agent", "set", "codex", "--unset", "key"]],
    ["no secret's name", ["secrets", "set"]],
    ["no command of secrets", ["secrets"]],
    ["a command of agents that there is not", ["agent", "fly"]],
  ])("are refused with what is wrong: %s", async (_, args) => {
    const { out, error } = await parse(args);
    expect(error).toBeInstanceOf(CommanderError);
    expect((error as CommanderError).exitCode).not.toBe(0);
    expect(out).not.toBe("");
    // And what to do about it.
    expect(out).toMatch(/sam [a-z ]*--help|Usage: /);
  });
});
