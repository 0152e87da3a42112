/** What a node does before it starts an agent of the catalog: it is installed, or said why not. */
import { existsSync } from "node:fs";

import type { InstalledLine } from "@sam/protocol/agent-install";

import type { AgentSource } from "./agent-source.ts";
import { installAgent } from "./install-agent.ts";
import { askMachineHost } from "./install-client.ts";
import { installFailure } from "./install-failure.ts";

export interface InstalledAgent {
  readonly version: string;
  readonly folder: string;
  /** The program to start, with its script where it has one; the agent's arguments follow. */
  readonly command: readonly string[];
}

/**
 * Installs an agent unless it is there and whole, which takes some hundredths of a second to find.
 * @param onProgress bytes on disk so far, whenever they have grown, at most once a second.
 * @throws InstallFailure; the signal's reason where it is aborted.
 */
export async function ensureAgentInstalled(
  source: AgentSource,
  agentId: string,
  onProgress: (bytes: number) => void,
  signal: AbortSignal,
): Promise<InstalledAgent> {
  const { socket, cache, recipes } = source;
  const installed = await (socket === null
    ? installAgent({ agentId, cache, recipes, env: process.env, signal, onProgress })
    : askMachineHost(socket, agentId, onProgress, signal));
  if (!existsSync(installed.start)) {
    throw installFailure("not_visible", `${agentId} is in ${installed.folder}, which this node can't see.`);
  }
  const { version, folder } = installed;
  return { version, folder, command: commandOf(installed) };
}

function commandOf({ start, runtime }: InstalledLine): string[] {
  return runtime === "node" ? [process.execPath, start] : [start];
}
