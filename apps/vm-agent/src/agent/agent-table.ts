/**
 * The agents that can be started on this node: those of the catalog, installed at their first use; the runbook agent; and
 * what the machine's own table names, which goes before the catalog where both have an id.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { builtInAgentId, catalogAgentIds, isCatalogAgent, type CatalogAgentId } from "@sam/domain/agent-catalog";

import type { Settings } from "../boot/settings.ts";

/** A program that is there, or ought to be. */
export interface AgentEntry {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** Beside the environment that every agent gets. */
  readonly env: Readonly<Record<string, string>>;
}

export type ExtraAgents = Readonly<Record<string, AgentEntry>>;

export type KnownAgent =
  | { readonly kind: "catalog"; readonly agentId: CatalogAgentId }
  | { readonly kind: "program"; readonly entry: AgentEntry };

type AgentSettings = Pick<Settings, "runbook" | "extraAgents">;

/** @returns null where this node has no such agent. Its program may still be missing. */
export function knownAgent({ runbook, extraAgents }: AgentSettings, agentId: string): KnownAgent | null {
  const extra = Object.hasOwn(extraAgents, agentId) ? extraAgents[agentId] : undefined;
  if (extra !== undefined) return { kind: "program", entry: extra };
  if (isCatalogAgent(agentId)) return { kind: "catalog", agentId };
  if (agentId !== builtInAgentId || runbook === null) return null;
  return { kind: "program", entry: { command: [process.execPath, runbook], env: {} } };
}

/** @returns the ids of all agents of this node, whether their programs are there or not. */
export function knownAgentIds({ runbook, extraAgents }: AgentSettings): string[] {
  const builtIn = runbook === null ? [] : [builtInAgentId];
  return [...new Set([...builtIn, ...Object.keys(extraAgents), ...catalogAgentIds])];
}

/** @returns the ids of those that can be started, or installed and started, for `hello`. */
export function startableAgents(settings: AgentSettings): string[] {
  return knownAgentIds(settings).filter((agentId) => {
    const agent = knownAgent(settings, agentId);
    return agent?.kind === "catalog" || (agent !== null && missingProgram(agent.entry) === null);
  });
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
