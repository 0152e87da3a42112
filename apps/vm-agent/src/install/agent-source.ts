/** Where a node gets its agents from: its machine host, over a socket; or, where there is none, its own disk and npm. */
import { isAbsolute, join } from "node:path";

export interface AgentSource {
  /** The install socket of the machine host; null: this VM agent installs by itself. */
  readonly socket: string | null;
  /** The folder with the installations. */
  readonly cache: string;
  /** The folder with the recipes; needed only where there is no socket. */
  readonly recipes: string;
}

/**
 * @param environment SAM_INSTALL_SOCKET, SAM_AGENT_CACHE and SAM_AGENT_RECIPES, each an absolute path or left out.
 * @param disk the node's disk.
 */
export function readAgentSource(environment: Readonly<Record<string, string | undefined>>, disk: string): AgentSource {
  return {
    socket: absolute(environment["SAM_INSTALL_SOCKET"]),
    cache: absolute(environment["SAM_AGENT_CACHE"]) ?? join(disk, "agents"),
    // Beside the bundle's own folder, as in a checkout.
    recipes: absolute(environment["SAM_AGENT_RECIPES"]) ?? join(import.meta.dirname, "../agents"),
  };
}

function absolute(path: string | undefined): string | null {
  return path !== undefined && isAbsolute(path) ? path : null;
}
