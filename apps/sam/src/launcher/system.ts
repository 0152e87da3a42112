/**
 * The system on this machine: the control plane, the machine host, the schedule's clock and the sign of life, under
 * the lock of one data directory. It is up if and only if the run record names it.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { healthSchema } from "@sam/protocol/system-api";

import packageJson from "../../package.json" with { type: "json" };
import { renewToken, tokenRenewalMs } from "../control-plane/cli-token.ts";
import { readControlBundle } from "../control-plane/control-bundle.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { migrate } from "../control-plane/migrations.ts";
import { makeSignInUrl } from "../control-plane/sign-in-link.ts";
import { defaultSweepIntervalMs, startSweepClock } from "../control-plane/sweep-clock.ts";
import { endLeftoverWorkerd } from "../control-plane/workerd-guard.ts";
import { type DataDirectory, openDataDirectory } from "../data-directory/data-directory.ts";
import { parseJson } from "../data-directory/files.ts";
import { loadInstallation } from "../data-directory/installation.ts";
import { ownStartTicks, removeRunRecord, type RunRecord, writeRunRecord } from "../data-directory/run-record.ts";
import { loadSettingOverrides } from "../data-directory/setting-overrides.ts";
import { CommandError, UsageError } from "../exit-code.ts";
import { exchange } from "../http/exchange.ts";
import { holdDataDirectory } from "./hold.ts";
import { releaseStartMemory } from "./memory.ts";
import { rememberPort } from "./port.ts";
import { SystemLog } from "./system-log.ts";
import { startParts, urlOf } from "./system-parts.ts";
import { Undo } from "./undo.ts";
import { variablesOf } from "./variables.ts";

const healthTimeoutMs = 15_000;

export interface SystemOptions {
  readonly directory: DataDirectory;
  /** The port that a person named, or null for the first free one. */
  readonly port: number | null;
}

export interface RunningSystem {
  readonly record: RunRecord;
  /** Signs in to the page, once, within a quarter of an hour. Not for a log. */
  readonly signInUrl: string;
  readonly directory: DataDirectory;
  readonly logPath: string;
  /** From the first step to readiness. */
  readonly startMs: number;
  /** The port that SAM wanted, where another program has it now; else null. */
  readonly insteadOfPort: number | null;
  /** Stops everything in its order; a second call waits for the first. */
  stop(): Promise<void>;
}

/**
 * Starts the system and resolves when it is ready: migrated, answering, and named by the run record.
 * Throws a UsageError for what the caller can change, a CommandError for what failed; nothing is left running then.
 */
export async function startSystem(options: SystemOptions): Promise<RunningSystem> {
  const startedAt = Date.now();
  const undo = new Undo();
  try {
    const directory = openDataDirectory(options.directory);
    const settings = loadSettingOverrides(directory);
    const sweepIntervalMs = readSweepInterval(process.env["SAM_SWEEP_INTERVAL_MS"]);
    const bundle = readControlBundle();
    const lock = holdDataDirectory(directory);
    undo.add(() => lock.release());
    const log = new SystemLog(directory);
    undo.add(() => log.close());
    const installation = loadInstallation(directory, startedAt);
    const { ownerId } = installation;
    await endLeftoverWorkerd(directory);
    emptyDirectory(directory.temporary);
    const variables = await variablesOf({ directory, installation, settings, log, nowMs: startedAt });
    const parts = { directory, log, bundle, port: options.port, settings, variables, undo, startedAt };
    const { plane, port, insteadOfPort } = await startParts(parts);
    const applied = await migrate(plane.door, bundle.migrations);
    if (applied.length > 0) log.write("info", "launcher", `applied the migrations ${applied.join(", ")}`);
    const [signInUrl] = await Promise.all([
      makeSignInUrl(plane.door, urlOf(port), ownerId, startedAt),
      renewToken(directory, plane.door, ownerId, startedAt),
      requireHealth(urlOf(port), log),
    ]);
    const record = announce({ directory, port, startedAt, undo });
    const memory = releaseStartMemory();
    undo.add(() => memory.stop());
    keepClocks({ directory, plane, ownerId, sweepIntervalMs, log, undo });
    const startMs = Date.now() - startedAt;
    log.write("info", "launcher", `ready on ${record.url} after ${startMs} ms, process ${process.pid}`);
    return { record, signInUrl, directory, logPath: log.path, startMs, insteadOfPort, stop: () => stop(log, undo) };
  } catch (error) {
    await undo.run();
    throw error;
  }
}

async function stop(log: SystemLog, undo: Undo): Promise<void> {
  log.write("info", "launcher", "stopping");
  const errors = await undo.run();
  if (errors.length > 0) {
    const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error)));
    throw new CommandError(`SAM stopped, but not in order: ${reasons.join("; ")}. The log is ${log.path}.`);
  }
}

/** From here on, others find the system. */
function announce(what: { directory: DataDirectory; port: number; startedAt: number; undo: Undo }): RunRecord {
  const { directory, port, startedAt, undo } = what;
  const record: RunRecord = {
    pid: process.pid,
    startTicks: ownStartTicks(),
    port,
    url: urlOf(port),
    startedAt,
    version: packageJson.version,
  };
  rememberPort(directory, port);
  writeRunRecord(directory, record);
  undo.add(() => removeRunRecord(directory));
  return record;
}

interface Clocked {
  readonly directory: DataDirectory;
  readonly plane: ControlPlane;
  readonly ownerId: string;
  readonly sweepIntervalMs: number;
  readonly log: SystemLog;
  readonly undo: Undo;
}

function keepClocks({ directory, plane, ownerId, sweepIntervalMs, log, undo }: Clocked): void {
  const sweep = startSweepClock(plane.door, log, sweepIntervalMs);
  undo.add(() => sweep.stop());
  const renewal = setInterval(() => {
    renewToken(directory, plane.door, ownerId, Date.now()).catch((error: unknown) => {
      log.write("error", "launcher", `the token was not renewed: ${String(error)}`);
    });
  }, tokenRenewalMs);
  undo.add(() => clearInterval(renewal));
}

async function requireHealth(url: string, log: SystemLog): Promise<void> {
  try {
    const { text } = await exchange(`${url}/api/health`, { method: "GET", timeoutMs: healthTimeoutMs });
    healthSchema.parse(parseJson(text));
  } catch (error) {
    log.write("error", "launcher", `the control plane does not answer as it should: ${String(error)}`);
    throw new CommandError(
      `The control plane started but does not answer as it should. What it said is in ${log.path}.`,
      undefined,
      {
        cause: error,
      },
    );
  }
}

/** Tests shorten the minute between two sweeps. */
function readSweepInterval(text: string | undefined): number {
  if (text === undefined) return defaultSweepIntervalMs;
  const intervalMs = Number(text);
  if (Number.isSafeInteger(intervalMs) && intervalMs >= 50) return intervalMs;
  throw new UsageError(
    `SAM_SWEEP_INTERVAL_MS must be a whole number of at least 50; it is ${JSON.stringify(text)}. Nothing was started.`,
  );
}

/** What a power cut left there is of no use to anybody. */
function emptyDirectory(path: string): void {
  for (const name of readdirSync(path)) rmSync(join(path, name), { recursive: true, force: true });
}
