/** The agents that can be started on this node: each an ACP program that speaks over its standard input and output. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface AgentEntry {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Beside the environment that every agent gets. */
  readonly env: Readonly<Record<string, string>>;
}

export type ExtraAgents = Readonly<Record<string, AgentEntry>>;

/** @returns the table: id to what is started. An entry may still name a program that isn't there. */
export function agentTable(runbook: string | null, extra: ExtraAgents): ReadonlyMap<string, AgentEntry> {
  const own: [string, AgentEntry][] =
    runbook === null ? [] : [["runbook", { command: [process.execPath, runbook], env: {} }]];
  return new Map([...own, ...Object.entries(extra)]);
}

/** @returns the ids of those whose program is there now, for `hello`. */
export function startableAgents(table: ReadonlyMap<string, AgentEntry>): string[] {
  return [...table].filter(([, entry]) => missingProgram(entry) === null).map(([id]) => id);
}

/** @returns the file that is missing or may not be run, or null where the agent can be started. */
export function missingProgram(entry: AgentEntry): string | null {
  const [program = "", script] = entry.command;
  if (findProgram(program) === null) return program;
  return program === process.execPath && script !== undefined && !isAllowed(script, constants.R_OK) ? script : null;
}

function findProgram(program: string): string | null {
  if (program.includes("/")) return isAllowed(program, constants.X_OK) ? program : null;
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, program)).find((file) => isAllowed(file, constants.X_OK)) ?? null;
}

function isAllowed(file: string, mode: number): boolean {
  try {
    accessSync(file, mode);
    return true;
  } catch {
    return false;
  }
}
