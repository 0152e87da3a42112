import { CommanderError } from "commander";
import { describe, expect, it } from "vitest";

import { exitCodesHelp } from "./exit-code.ts";
import { buildProgram } from "./program.ts";

interface Said {
  out: string;
  error: unknown;
}

/** Parses a command line as `sam` does, without a process. */
async function parse(args: readonly string[]): Promise<Said> {
  const said: Said = { out: "", error: null };
  const program = buildProgram(() => undefined);
  const output = {
    writeOut: (text: string) => void (said.out += text),
    writeErr: (text: string) => void (said.out += text),
  };
  for (const command of [program, ...program.commands]) command.configureOutput(output);
  try {
    await program.parseAsync(["node", "sam", ...args]);
  } catch (error) {
    said.error = error;
  }
  return said;
}

const names = buildProgram(() => undefined).commands.map((command) => command.name());

describe("the commands", () => {
  it("are those of the manual", () => {
    expect(names).toEqual(["start", "up", "down", "run", "tasks", "task", "cancel", "answer", "nodes", "doctor"]);
  });

  it.each(names)("sam %s --help lists the exit codes and --json", async (name) => {
    const { out, error } = await parse([name, "--help"]);
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
    ["no option to answer with", ["answer", "01J"]],
  ])("are refused with what is wrong: %s", async (_, args) => {
    const { out, error } = await parse(args);
    expect(error).toBeInstanceOf(CommanderError);
    expect((error as CommanderError).exitCode).not.toBe(0);
    expect(out).not.toBe("");
  });
});
