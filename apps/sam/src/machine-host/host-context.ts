/** What all servers of one machine host share. */
import type { Isolation } from "@sam/domain/isolation";

import type { AgentInstaller } from "./agent-installer.ts";
import type { LimitMechanism } from "./limit-mechanism.ts";
import type { Sandbox } from "./sandbox.ts";
import type { ServerLimits } from "./server-cgroup.ts";
import type { Toolchains } from "./toolchains.ts";

/** The bundled programs that a machine host starts, as absolute paths. */
export interface Programs {
  /** The VM agent: a server's first process. */
  readonly vmAgent: string;
  /** Given to the VM agent as SAM_RUNBOOK. */
  readonly runbook: string;
  /** `git-relay.mjs`, given to the VM agent as SAM_GIT_RELAY. */
  readonly gitRelay: string;
  /** `warden.mjs`. */
  readonly warden: string;
  /** `agent-installer.mjs`, which is run outside of servers. */
  readonly agentInstaller: string;
  /** The folder with the lockfiles of the agents that it installs. */
  readonly agentRecipes: string;
}

/** Agents beside the VM agent's own, by id. */
export type ExtraAgents = Readonly<
  Record<string, { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> }>
>;

export interface Timings {
  /** What a VM agent is given to end by itself after SIGTERM. */
  readonly stopGraceMs: number;
  /** The pause before an ended VM agent is started again: the first one, doubling up to the longest. */
  readonly restartFirstMs: number;
  readonly restartMaxMs: number;
  /** A VM agent that ran for this long is steady: its next end begins with the first pause again. */
  readonly steadyMs: number;
  /** How long one attempt to remove all processes may take, before it is reported and made again. */
  readonly removalMs: number;
}

export const defaultTimings: Timings = {
  stopGraceMs: 5_000,
  restartFirstMs: 200,
  restartMaxMs: 10_000,
  steadyMs: 10_000,
  removalMs: 5_000,
};

export interface HostContext {
  readonly nodePath: string;
  readonly programs: Programs;
  readonly lang: string;
  /** Given to the VM agent as SAM_EXTRA_AGENTS. */
  readonly extraAgents: ExtraAgents;
  /** Given to the VM agent as SAM_AGENT_CACHE; servers see it, and only the machine host fills it. A real path. */
  readonly agentCache: string;
  readonly agentInstaller: AgentInstaller;
  readonly toolchains: Toolchains;
  readonly isolation: Isolation;
  readonly sandbox: Sandbox | null;
  readonly limits: LimitMechanism;
  readonly serverLimits: ServerLimits;
  /** The value of SAM_MACHINE_HOST in everything that this machine host starts. */
  readonly hostTag: string;
  readonly timings: Timings;
  readonly consoleMaxBytes: number;
  readonly controlUrl: () => string;
  /** Whether each server has a way to the control plane of its own, which can be cut. */
  readonly hasLines: boolean;
  readonly log: (line: string) => void;
}
