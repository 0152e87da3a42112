/**
 * A boot is one life of a server's process tree, from its VM agent's start to the VM agent's end. What the boot leaves
 * behind is for the server to remove.
 */
import { type ChildProcess, spawn, type StdioOptions } from "node:child_process";

import { z } from "zod";

import type { ConsoleLog } from "./console-log.ts";
import { errnoOf } from "./errno.ts";
import { joining, type LimitMechanism } from "./limit-mechanism.ts";
import { isAlive, listProcesses, namespacePids, type ProcessEntry, readProcess } from "./process-table.ts";
import { type Sandbox, sandboxed } from "./sandbox.ts";
import type { ServerLimits } from "./server-cgroup.ts";

export interface BootPlan {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The part of the environment by which its processes are found again. */
  readonly tags: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly disk: string;
  readonly sandbox: Sandbox | null;
  readonly limits: LimitMechanism;
  readonly serverLimits: ServerLimits;
  /** The `cgroup.procs` files that the first process writes itself to. */
  readonly joinFiles: readonly string[];
  readonly console: ConsoleLog;
}

export interface Boot {
  /** Resolves when the VM agent's process has been started; never, where that fails. */
  readonly up: Promise<void>;
  /** Resolves, in words, when the VM agent has ended or could not be started. Never rejects. */
  readonly ended: Promise<string>;
  hasEnded(): boolean;
  /** Asks the VM agent to end by itself (SIGTERM). */
  terminate(): void;
  /** Ends the first process at once, and with it everything in its PID namespace, if it has one. */
  kill(): void;
  /** Whether the first process of the PID namespace is gone, and so everything in it; true without a namespace. */
  isNamespaceGone(): boolean;
}

const infoFd = 3;
/** The VM agent's pid inside: bubblewrap's own first process is 1. */
const vmAgentInnerPid = 2;

const infoSchema = z.object({ "child-pid": z.number().int().positive() });

export function startBoot(plan: BootPlan): Boot {
  const [program = "", ...args] = commandLine(plan);
  const stdio: StdioOptions = plan.sandbox === null ? ["ignore", "pipe", "pipe"] : ["ignore", "pipe", "pipe", "pipe"];
  const child = spawn(program, args, {
    cwd: plan.sandbox === null ? plan.disk : "/",
    env: plan.sandbox === null ? { ...plan.environment } : { ...plan.tags },
    // A session of its own: Ctrl-C in the terminal is the launcher's to handle.
    detached: true,
    stdio,
  });
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) void plan.console.copy(stream);
  const ended = endOf(child, plan.console);
  return plan.sandbox === null ? plainBoot(child, ended) : sandboxedBoot(child, ended);
}

function commandLine(plan: BootPlan): string[] {
  const { limits, serverLimits, sandbox } = plan;
  let command: readonly string[] = plan.command;
  if (sandbox !== null) {
    // Counted per user namespace, so it bounds this server alone; root has none, and a plain process shares its user's.
    const bounded = limits.kind === "prlimit" && process.getuid?.() !== 0;
    const inner = bounded ? [limits.program, `--nproc=${serverLimits.pidsLimit}`, ...command] : command;
    const { environment, hostname, disk } = plan;
    command = sandboxed(sandbox, { command: inner, environment, hostname, disk, infoFd });
  }
  if (limits.kind === "prlimit") command = [limits.program, `--data=${serverLimits.memoryLimitBytes}`, ...command];
  return joining(plan.joinFiles, command);
}

function endOf(child: ChildProcess, console: ConsoleLog): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  child.once("error", (error) => {
    resolve(`could not be started: ${error.message}`);
  });
  child.once("exit", (code, signal) => {
    resolve(signal === null ? `exit code ${code ?? "unknown"}` : `killed by ${signal}`);
  });
  return promise.then(async (how) => {
    await console.append(`[machine host] VM agent ended: ${how}\n`);
    return how;
  });
}

function hasExited(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

function plainBoot(child: ChildProcess, ended: Promise<string>): Boot {
  const up = Promise.withResolvers<void>();
  child.once("spawn", () => up.resolve());
  return {
    up: up.promise,
    ended,
    hasEnded: () => hasExited(child),
    terminate: () => void child.kill("SIGTERM"),
    kill: () => void child.kill("SIGKILL"),
    isNamespaceGone: () => true,
  };
}

function sandboxedBoot(child: ChildProcess, ended: Promise<string>): Boot {
  const up = Promise.withResolvers<void>();
  let first: ProcessEntry | null = null;
  let info = "";
  child.stdio[infoFd]?.on("data", (chunk: Buffer) => {
    info += chunk.toString();
    first ??= firstProcessIn(info);
    if (first !== null) up.resolve();
  });
  // A reset of this pipe says no more than the end of the process does.
  child.stdio[infoFd]?.on("error", () => undefined);
  const vmAgentPid = (): number | undefined => {
    const inside = listProcesses().filter((entry) => entry.parentPid === first?.pid);
    return inside.find((entry) => namespacePids(entry.pid).at(-1) === vmAgentInnerPid)?.pid;
  };
  return {
    up: up.promise,
    ended,
    hasEnded: () => hasExited(child),
    terminate: () => {
      const pid = vmAgentPid();
      if (pid === undefined || !sendSignal(pid, "SIGTERM")) child.kill("SIGKILL");
    },
    kill: () => {
      child.kill("SIGKILL");
      if (first !== null && isAlive(first)) sendSignal(first.pid, "SIGKILL");
    },
    isNamespaceGone: () => first === null || !isAlive(first),
  };
}

function firstProcessIn(info: string): ProcessEntry | null {
  try {
    return readProcess(infoSchema.parse(JSON.parse(info))["child-pid"]);
  } catch {
    // Not all of it has arrived, yet.
    return null;
  }
}

/** @returns whether there was such a process to be signalled. */
function sendSignal(pid: number, signal: "SIGTERM" | "SIGKILL"): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (errnoOf(error) === "ESRCH") return false;
    throw error;
  }
}
