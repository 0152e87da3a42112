/** Where a node gets its agents from: its machine host, over a socket; or, where there is none, its own disk and npm. */
import { join } from "node:path";

export interface AgentSource {
  /** The install socket of the machine host; null: this VM agent installs by itself. */
  readonly socket: string | null;
  /** The folder with the installations. */
  readonly cache: string;
  /** The folder with the recipes; needed only where there is no socket. */
  readonly recipes: string;
}

/**
 * @param environment absolute paths in SAM_INSTALL_SOCKET, SAM_AGENT_CACHE and SAM_AGENT_RECIPES; each may be left out.
 * @param disk the node's disk: without a cache of the machine, agents are installed there.
 */
export function readAgentSource(environment: Readonly<Record<string, string | undefined>>, disk: string): AgentSource {
  return {
    socket: environment["SAM_INSTALL_SOCKET"] ?? null,
    cache: environment["SAM_AGENT_CACHE"] ?? join(disk, "agents"),
    // Beside the bundle's own folder, as in a checkout.
    recipes: environment["SAM_AGENT_RECIPES"] ?? join(import.meta.dirname, "../agents"),
  };
}
