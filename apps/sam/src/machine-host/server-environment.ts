/** The environment that a server's first process gets: this, and nothing of the machine host's own. */
import { mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { HostContext } from "./host-context.ts";
import type { ServerId, ServerPaths } from "./server-record.ts";

/** What differs between one boot of a server and the next. */
export interface BootOptions {
  readonly id: ServerId;
  readonly paths: ServerPaths;
  /** The base URL that its VM agent dials. */
  readonly controlUrl: string;
}

export function bootEnvironment(context: HostContext, { id, paths, controlUrl }: BootOptions): Record<string, string> {
  return {
    PATH: context.toolchains.path.join(":"),
    HOME: paths.home,
    LANG: context.lang,
    TMPDIR: context.sandbox === null ? temporaryDirectory(id) : "/tmp",
    ...context.toolchains.environment,
    SAM_USER_DATA: paths.userData,
    SAM_NODE_DISK: paths.disk,
    SAM_CONTROL_URL: controlUrl,
    SAM_ISOLATION: JSON.stringify(context.isolation),
    SAM_GIT_RELAY: context.programs.gitRelay,
    SAM_RELAY_SOCKET: paths.relaySocket,
    SAM_INSTALL_SOCKET: paths.installSocket,
    SAM_AGENT_CACHE: context.agentCache,
    SAM_RUNBOOK: context.programs.runbook,
    SAM_EXTRA_AGENTS: JSON.stringify(context.extraAgents),
  };
}

/** For plain processes, which have no /tmp of their own. Outside of the disk, since sockets are made there and their paths are short. */
export function temporaryDirectory(id: ServerId): string {
  return join(tmpdir(), `sam-${id}`);
}

/** A boot finds it empty, as a machine does. */
export function resetTemporaryDirectory(context: HostContext, id: ServerId): void {
  if (context.sandbox !== null) return;
  rmSync(temporaryDirectory(id), { recursive: true, force: true });
  mkdirSync(temporaryDirectory(id), { mode: 0o700 });
}
