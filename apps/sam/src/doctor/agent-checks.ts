/** The checks of the agents that can be started on a node: SAM's own, and those that this installation added. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { bundlesDirectory } from "../data-directory/checkout.ts";
import type { DataDirectory } from "../data-directory/data-directory.ts";
import { loadExtraAgents } from "../data-directory/extra-agents.ts";
import { findProgram } from "../machine-host/program.ts";
import { plainLine } from "../terminal/plain-text.ts";
import type { Check } from "./check.ts";

export function checkAgents(directory: DataDirectory, env: NodeJS.ProcessEnv = process.env): readonly Check[] {
  const own = checkRunbook();
  try {
    const extra = Object.entries(loadExtraAgents(directory));
    return [own, ...extra.map(([id, { command }]) => checkExtra(directory, id, command[0] ?? "", env["PATH"] ?? ""))];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [own, { ...agent("agents"), state: "missing", essential: true, finding: "not readable", remedy: reason }];
  }
}

const agent = (name: string) => ({ name, essential: false, gives: `sam run --agent ${name}` });

function checkRunbook(): Check {
  const there = existsSync(join(bundlesDirectory(), "runbook", "dist", "runbook.mjs"));
  return {
    ...agent("runbook"),
    state: there ? "ok" : "missing",
    finding: there ? "built in" : "not built",
    gives: "runs the fenced sh blocks of a prompt, one after the other, with no model and no account",
    remedy: there ? null : "Build it: npm run build",
  };
}

function checkExtra(directory: DataDirectory, id: string, program: string, path: string): Check {
  const found = program.includes("/") ? existsSync(program) : findProgram(program, path) !== null;
  const name = plainLine(program);
  return {
    ...agent(id),
    state: found ? "ok" : "missing",
    finding: found ? `${name}, from ${directory.agents}` : `${name} is not found`,
    remedy: found ? null : `Install it, or correct its command in ${directory.agents}`,
  };
}
