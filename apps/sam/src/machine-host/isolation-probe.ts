/**
 * The isolation in force is what was tried out on this machine when the machine host started: never what is merely
 * installed. Where it isn't all that SAM can do, it says why and how to get more.
 */
import { existsSync, readFileSync } from "node:fs";

import type { Isolation } from "@sam/domain/isolation";

import { nullOn } from "./errno.ts";
import type { HostEnvironment } from "./host-environment.ts";
import { type LimitMechanism, probeLimits } from "./limit-mechanism.ts";
import { findProgram, runProgram } from "./program.ts";
import { type Sandbox, sandboxed } from "./sandbox.ts";
import type { ServerLimits } from "./server-cgroup.ts";
import { readSystemView } from "./system-view.ts";
import type { Toolchains } from "./toolchains.ts";

export interface IsolationInForce {
  readonly report: Isolation;
  /** Null: a server is a plain process. */
  readonly sandbox: Sandbox | null;
  readonly limits: LimitMechanism;
}

export interface IsolationRequest {
  /** `plain`: no sandbox even where one can be had. */
  readonly mode: "auto" | "plain";
  readonly host: HostEnvironment;
  readonly toolchains: Toolchains;
  readonly limits: ServerLimits;
  /** Real paths. */
  readonly home: string;
  readonly dataDir: string;
  readonly readOnly: readonly string[];
}

const probeTimeoutMs = 5_000;
const maxReasonLength = 1_000;
const untraceable =
  "With neither a sandbox nor a cgroup, a process that clears its environment and outlives its parent can't be found again.";

export async function probeIsolation(request: IsolationRequest): Promise<IsolationInForce> {
  const [processes, limits] = await Promise.all([
    probeSandbox(request),
    probeLimits(request.limits, request.host.path),
  ]);
  const isTraceable = processes.sandbox !== null || limits.mechanism.kind.startsWith("cgroup");
  const reasons = [...processes.reasons, ...limits.reasons, ...(isTraceable ? [] : [untraceable])];
  return {
    report: {
      processes: processes.sandbox === null ? "plain" : "bubblewrap",
      limits: limits.mechanism.kind,
      reasons: reasons.map((reason) => reason.slice(0, maxReasonLength)),
    },
    sandbox: processes.sandbox,
    limits: limits.mechanism,
  };
}

async function probeSandbox(
  request: IsolationRequest,
): Promise<{ readonly sandbox: Sandbox | null; readonly reasons: readonly string[] }> {
  if (request.mode === "plain") {
    return {
      sandbox: null,
      reasons: ["Plain processes were asked for (isolation: plain), so bubblewrap wasn't tried."],
    };
  }
  const program = findProgram("bwrap", request.host.path);
  if (program === null) {
    return {
      sandbox: null,
      reasons: ["bubblewrap isn't installed. Install it: apt-get install bubblewrap (or your system's package)."],
    };
  }
  const { toolchains, home, dataDir, readOnly } = request;
  const sandbox: Sandbox = { program, system: readSystemView(), toolchains, home, dataDir, readOnly };
  const trial = sandboxed(sandbox, {
    command: [process.execPath, "--version"],
    environment: {},
    hostname: "probe",
    disk: null,
    infoFd: null,
  });
  const result = await runProgram(trial, probeTimeoutMs);
  if (result.exitCode === 0) return { sandbox, reasons: [] };
  return {
    sandbox: null,
    reasons: [`bubblewrap is installed, but doesn't work here: ${result.complaint} ${remedy()}`.trim()],
  };
}

/** Kernels switch unprivileged namespaces off in three places; which one is in force can be read. */
function remedy(): string {
  if (readSwitch("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") === "1") {
    return "AppArmor keeps ordinary users from making namespaces: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or give bwrap an AppArmor profile with userns.";
  }
  if (readSwitch("/proc/sys/kernel/unprivileged_userns_clone") === "0") {
    return "The kernel keeps ordinary users from making namespaces: sudo sysctl kernel.unprivileged_userns_clone=1.";
  }
  if (readSwitch("/proc/sys/user/max_user_namespaces") === "0") {
    return "The kernel allows no user namespaces: sudo sysctl user.max_user_namespaces=15000.";
  }
  return existsSync("/.dockerenv")
    ? "Inside of a container it needs one that may mount /proc (docker run --privileged)."
    : "";
}

function readSwitch(path: string): string | null {
  return nullOn(["ENOENT", "EACCES"], () => readFileSync(path, "utf8").trim());
}
