/** The installation of a task's agent, where it is one of the catalog: done beside the checkout, and looked at at each start. */
import type { CatalogAgentId } from "@sam/domain/agent-catalog";

import { ensureAgentInstalled, type InstalledAgent } from "../install/ensure-agent-installed.ts";
import { InstallFailure } from "../install/install-failure.ts";
import { CommandFailure } from "../task/command-failure.ts";
import type { NodeContext } from "../task/job.ts";

/** @throws CommandFailure `agent_install_failed` */
export async function installedAgent(
  node: NodeContext,
  agentId: CatalogAgentId,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<InstalledAgent> {
  try {
    return await ensureAgentInstalled(node.settings.agentSource, agentId, onProgress, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof InstallFailure)) throw error;
    throw new CommandFailure("agent_install_failed", error.message, { retryable: error.retryable });
  }
}
