/** An agent to talk to from the command line: the stand-in, known to a system as `stand-in`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import type { RunningCommand } from "../support/sam-command.ts";
import type { System } from "../support/system.ts";

/** Before the system is up. */
export function addStandIn({ dataDirectory, stage }: System): void {
  const agents = { "stand-in": { command: [process.execPath, stage.standInAgent] } };
  writeFileSync(join(dataDirectory, "agents.json"), JSON.stringify(agents));
}

/** @returns the id of the task that a command names first. */
export function taskIdOf(system: System, command: RunningCommand): Promise<string> {
  const report = () => `${command.stdout}\n${command.stderr}`;
  return system.until("a task is named", () => /task_[0-9A-Z]{26}/.exec(command.stdout)?.[0], { report });
}
