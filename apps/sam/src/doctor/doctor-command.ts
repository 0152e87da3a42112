/** `sam doctor`: what of this machine SAM can use, what each gives, and how to get the rest. */
import type { CommandContext } from "../command-context.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { wrap } from "../terminal/cells.ts";
import { printJson } from "../terminal/json-output.ts";
import type { Colour } from "../terminal/style.ts";
import type { Screen } from "../terminal/terminal.ts";
import { checkAgents } from "./agent-checks.ts";
import { checkCatalog } from "./catalog-checks.ts";
import type { Check } from "./check.ts";
import { checkDisk, checkGit, checkMemory, checkNode, checkPort, checkSetpriv } from "./machine-checks.ts";
import { checkIsolation } from "./sandbox-checks.ts";
import { checkSystem } from "./system-check.ts";

export async function doctorCommand(context: CommandContext): Promise<ExitCode> {
  const { directory, terminal, api } = context;
  const agents = checkAgents(directory);
  const ownIds = agents.map(({ name }) => name);
  const [git, isolation, setpriv, port, catalog, system] = await Promise.all([
    checkGit(),
    checkIsolation(),
    checkSetpriv(),
    checkPort(directory),
    checkCatalog(directory, ownIds),
    checkSystem(directory, api),
  ]);
  const machine = [checkDisk(directory), checkMemory(), port];
  const checks = [checkNode(), git, ...isolation, setpriv, ...machine, ...agents, ...catalog, system];
  const ready = checks.every(({ essential, state }) => !essential || state !== "missing");
  if (context.json) printJson({ ready, checks });
  else {
    for (const check of checks) for (const line of checkLines(check, terminal)) terminal.line(line);
    terminal.line("");
    terminal.line(
      ready
        ? "SAM can run tasks on this machine."
        : "SAM cannot run tasks on this machine until what is marked with ✗ is there.",
    );
  }
  return ready ? exitCodes.completed : exitCodes.failed;
}

const marks: Readonly<Record<Check["state"], { sign: string; colour: Colour }>> = {
  ok: { sign: "✓", colour: "green" },
  limited: { sign: "▲", colour: "amber" },
  missing: { sign: "✗", colour: "red" },
};
/** The longest name is `claude-code`. */
const indent = 15;
const readableWidth = 100;

export function checkLines(check: Check, screen: Pick<Screen, "paint" | "width">): readonly string[] {
  const { sign, colour } = marks[check.state];
  const width = Math.min(readableWidth, screen.width()) - indent - 1;
  const texts = [check.finding, `Gives: ${check.gives}.`, ...(check.remedy === null ? [] : [`More: ${check.remedy}`])];
  const [first = "", ...others] = texts.flatMap((text) => wrap(text, width));
  return [
    `${screen.paint(colour, sign)} ${check.name.padEnd(indent - 2)}${first}`,
    ...others.map((line) => " ".repeat(indent) + screen.paint("grey", line)),
  ];
}
