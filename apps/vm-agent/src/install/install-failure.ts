/** Why an agent could not be installed, of a closed list, and what a person can do about it. */
import type { FailedLine, InstallFailureCode } from "@sam/protocol/agent-install";

import { clipTail } from "../clipped-text.ts";

interface Way {
  /** What to do, as a sentence. */
  readonly remedy: string;
  /** Whether the same attempt may succeed in a minute with nothing changed. */
  readonly retryable: boolean;
}

const again = "Then start the task again: the installation begins anew.";

const ways: { readonly [Code in InstallFailureCode]: Way } = {
  unknown_agent: { remedy: "`sam doctor` lists the agents that SAM installs.", retryable: false },
  npm_missing: { remedy: `Install Node with npm (https://nodejs.org) on that machine. ${again}`, retryable: false },
  registry_unreachable: {
    remedy: `Is that machine online, and does it need a proxy (\`npm config set proxy\`)? \`npm ping\` tells. ${again}`,
    retryable: true,
  },
  registry_refused: {
    remedy: `Check the registry and the credentials that npm is configured with: \`npm config list\`. ${again}`,
    retryable: false,
  },
  package_missing: {
    remedy: `Check which registry npm is configured with: \`npm config get registry\`. ${again}`,
    retryable: false,
  },
  integrity_mismatch: {
    remedy:
      "What arrived is not what SAM's lockfile names, so nothing of it was kept. Ask whoever runs the registry or the proxy.",
    retryable: false,
  },
  disk_full: { remedy: `Free some space, or name another folder in SAM_AGENT_CACHE. ${again}`, retryable: false },
  cache_unusable: {
    remedy: `Make it writable, or name another folder in SAM_AGENT_CACHE and start SAM anew.`,
    retryable: false,
  },
  machine_unsupported: { remedy: "Choose another agent for this machine.", retryable: false },
  stalled: { remedy: `Look at the network. ${again}`, retryable: true },
  timed_out: { remedy: `Look at the network. ${again}`, retryable: true },
  interrupted: { remedy: "Nothing of it was kept; the next attempt begins anew.", retryable: true },
  npm_failed: { remedy: `npm's own words say why. ${again}`, retryable: false },
  incomplete: {
    remedy: "Nothing of it was kept. Look whether npm is configured to leave out packages: `npm config list`.",
    retryable: false,
  },
  not_visible: { remedy: "Start SAM anew (`sam down`, `sam up`), so that its nodes see it.", retryable: false },
};

const maxFactLength = 6_000;

export class InstallFailure extends Error {
  readonly code: InstallFailureCode;
  readonly retryable: boolean;

  constructor({ code, message, retryable }: Omit<FailedLine, "type">, cause: unknown = null) {
    super(message, { cause });
    this.code = code;
    this.retryable = retryable;
  }

  toLine(): FailedLine {
    return { type: "failed", code: this.code, message: this.message, retryable: this.retryable };
  }
}

/** @param fact what was observed, as a sentence; what to do is added to it. */
export function installFailure(code: InstallFailureCode, fact: string, cause: unknown = null): InstallFailure {
  const { remedy, retryable } = ways[code];
  return new InstallFailure({ code, message: `${clipTail(fact, maxFactLength)} ${remedy}`, retryable }, cause);
}
