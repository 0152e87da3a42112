/**
 * The data directory holds all that one installation keeps: its identity, its databases, its nodes, its token and its
 * logs. It is used by one system at a time.
 */
import { accessSync, constants, mkdirSync, realpathSync, statfsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

import { UsageError } from "../exit-code.ts";
import { checkoutRoot } from "./checkout.ts";
import { errorCode } from "./files.ts";

/** Databases that cannot grow are worse than none. */
const minFreeBytes = 32 * 1024 ** 2;

export interface DataDirectory {
  /** Absolute, without symbolic links once it exists. */
  readonly path: string;
  readonly lock: string;
  /** The process id of whoever holds the lock. */
  readonly holder: string;
  readonly runRecord: string;
  readonly installation: string;
  readonly settings: string;
  /** Agents beside SAM's own. */
  readonly agents: string;
  /** Where agents are installed for all nodes, unless SAM_AGENT_CACHE names another folder. */
  readonly agentCache: string;
  readonly token: string;
  /** What the secrets of this installation are encrypted with; not in its databases. */
  readonly secretsKeys: string;
  /** Held while those keys are being changed. */
  readonly secretsKeysLock: string;
  readonly outages: string;
  readonly alive: string;
  readonly lastPort: string;
  readonly logs: string;
  readonly temporary: string;
  /** D1 and the Durable Objects. */
  readonly state: string;
  readonly workerdGuard: string;
  readonly workerdPid: string;
  readonly sampleRepository: string;
  readonly firstTask: string;
}

/** @returns the folder where agents are installed: SAM_AGENT_CACHE, else the data directory's own. */
export function agentCacheOf(directory: DataDirectory, env: NodeJS.ProcessEnv = process.env): string {
  const wanted = env["SAM_AGENT_CACHE"] ?? "";
  return wanted === "" ? directory.agentCache : resolve(userDirectory(env), wanted);
}

/** Where a person stood when they typed the command; npm moves to the root of the checkout and leaves this behind. */
export function userDirectory(env: NodeJS.ProcessEnv = process.env): string {
  return env["INIT_CWD"] ?? process.cwd();
}

/** `--data-dir`, else `SAM_DATA_DIR`, else `.sam/` in the checkout. Touches nothing. */
export function locateDataDirectory(option: string | undefined, env: NodeJS.ProcessEnv = process.env): DataDirectory {
  const wanted = option ?? env["SAM_DATA_DIR"];
  if (wanted === "") throw new UsageError("The data directory's path is empty. Name one with --data-dir.");
  const path = wanted === undefined ? join(checkoutRoot(), ".sam") : resolve(userDirectory(env), wanted);
  return pathsIn(withoutLinks(path));
}

/**
 * Makes the directory where it is missing and proves that it can be written.
 * Throws a UsageError that says what stands in the way.
 */
export function openDataDirectory(directory: DataDirectory): DataDirectory {
  const { path } = directory;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    if (!statSync(path).isDirectory()) throw Object.assign(new Error("not a directory"), { code: "ENOTDIR" });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    for (const folder of [directory.logs, directory.state, directory.temporary]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    const { bavail, bsize } = statfsSync(path);
    if (bavail * bsize < minFreeBytes) throw Object.assign(new Error("disk full"), { code: "ENOSPC" });
  } catch (error) {
    throw new UsageError(whyUnusable(path, error), { cause: error });
  }
  return pathsIn(withoutLinks(path));
}

/** Throws a UsageError where the directory is there and not for this user to look into. */
export function requireReadable({ path }: DataDirectory): void {
  try {
    if (statSync(path).isDirectory()) accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (errorCode(error) !== "EACCES") return;
    throw new UsageError(
      `The data directory ${path} cannot be read by this user. Nothing was done. Choose your own with --data-dir, or ` +
        `run this as its owner.`,
      { cause: error },
    );
  }
}

function whyUnusable(path: string, error: unknown): string {
  const choose = "or choose another one with --data-dir. Nothing was started.";
  const fact = `The data directory ${path} cannot be used:`;
  switch (errorCode(error)) {
    case "EACCES":
    case "EPERM":
      return `${fact} this user may not write there. Change its permissions, ${choose}`;
    case "EROFS":
      return `${fact} its file system is read-only. Mount it writable, ${choose}`;
    case "ENOTDIR":
    case "EEXIST":
      return `${fact} it, or a part of its path, is a file. Move that away, ${choose}`;
    case "ENOSPC":
      return `${fact} its disk is full, and SAM needs 32 MiB to begin with. Free some space, ${choose}`;
    default:
      return `${fact} ${error instanceof Error ? error.message : String(error)}. Put that right, ${choose}`;
  }
}

function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function pathsIn(path: string): DataDirectory {
  return {
    path,
    lock: join(path, "lock.db"),
    holder: join(path, "holder"),
    runRecord: join(path, "run.json"),
    installation: join(path, "installation.json"),
    settings: join(path, "settings.json"),
    agents: join(path, "agents.json"),
    agentCache: join(path, "agents"),
    token: join(path, "token"),
    secretsKeys: join(path, "secrets-keys.json"),
    secretsKeysLock: join(path, "secrets-keys-lock.db"),
    outages: join(path, "outages.json"),
    alive: join(path, "alive"),
    lastPort: join(path, "last-port"),
    logs: join(path, "logs"),
    temporary: join(path, "tmp"),
    state: join(path, "state"),
    workerdGuard: join(path, "workerd-guard.sh"),
    workerdPid: join(path, "workerd.pid"),
    sampleRepository: join(path, "sample.git"),
    firstTask: join(path, "first-task.json"),
  };
}
