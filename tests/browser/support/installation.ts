/** A SAM for the tests of a file, with one node for all of its tasks, and an agent that says what it is told to say. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { TaskView } from "@sam/protocol/task-api";

import { shareSystem, type SharedSystemOptions } from "../../system/support/shared-system.ts";
import type { System } from "../../system/support/system.ts";

export const talking = "talking";

/** @returns a way to the system, which is up from the first test to the last. */
export function shareInstallation(options: SharedSystemOptions = {}): () => System {
  const settings = { tasksPerNode: 16, maxNodes: 1 };
  return shareSystem({ settings, prepare: addTalkingAgent, ...options });
}

/** Before the system is up. */
export function addTalkingAgent({ dataDirectory, stage }: System): void {
  const program = join(stage.folder, "talking-agent.mjs");
  copyFileSync(new URL("talking-agent.mjs", import.meta.url), program);
  const agents = { [talking]: { command: [process.execPath, program] } };
  writeFileSync(join(dataDirectory, "agents.json"), JSON.stringify(agents));
}

export interface Talk {
  readonly name: string;
  /** What the agent is told, line by line. */
  readonly lines: readonly string[];
  readonly mode?: "task" | "conversation";
}

/** Submits a task of the talking agent on a repository of its own. */
export async function startTalk(system: System, { name, lines, mode = "task" }: Talk): Promise<TaskView> {
  const repository = await system.repository(name);
  const prompt = lines.join("\n");
  return system.submit({ prompt, repository: { url: repository.path }, agentId: talking, mode });
}
