/** Which processes are agents themselves, and not what one started. */
import type { ProcessEntry } from "../system/support/process-table.ts";

function isAgent({ command }: ProcessEntry): boolean {
  return command.some((word) => word.endsWith("/runbook.mjs") || word.endsWith("/stand-in-agent.mjs"));
}

/** @returns the topmost of each: an agent may be started by a shell that bears its name. */
export function agentsOf(processes: readonly ProcessEntry[]): readonly ProcessEntry[] {
  const agents = processes.filter((one) => isAgent(one) && one.environment.has("SAM_TASK_ID"));
  return agents.filter(({ parentPid }) => !agents.some(({ pid }) => pid === parentPid));
}
