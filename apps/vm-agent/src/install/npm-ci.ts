/**
 * One run of `npm ci` in a folder that has a manifest and a lockfile, as the person who owns this machine configured npm:
 * registry, proxy, certificates, credentials. It asks nothing, reports to nobody, and runs no script of any package.
 */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

import { runCommand, type CommandOutcome } from "../process/run-command.ts";
import { installFailure } from "./install-failure.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

const args = [
  "ci",
  // Not one of the agents needs its packages' scripts: their programs come inside of the packages.
  "--ignore-scripts",
  ...["--no-audit", "--no-fund", "--no-update-notifier", "--no-progress"],
  // Whatever is configured for projects: the layout that recipes name files of, with the programs for this machine.
  ...["--no-global", "--no-workspaces", "--install-strategy=hoisted", "--no-bin-links"],
  ...["--include=prod", "--include=optional", "--omit=dev"],
  // What npm has in its own cache needs no second look: the lockfile's hashes say what it must be.
  "--prefer-offline",
  ...["--fetch-retries=2", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=3000"],
  ...["--json", "--loglevel=error"],
];

export interface NpmRun {
  readonly folder: string;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/**
 * A failure of npm is an outcome.
 * @throws InstallFailure `npm_missing`; the signal's reason where it is aborted, once npm has ended.
 */
export function runNpmCi({ folder, env, signal }: NpmRun): Promise<CommandOutcome> {
  const npm = findNpm(env);
  if (npm === null)
    throw installFailure("npm_missing", "There is no npm on the PATH, and agents are installed with it.");
  return runCommand({ command: [npm, ...args], cwd: folder, env: npmEnvironment(env), timeoutMs: null, signal });
}

/** @returns the npm of the first folder on the PATH that has one, or null. */
export function findNpm(env: Environment): string | null {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => join(folder, "npm")).find(isProgram) ?? null;
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/**
 * Without what an npm that started SAM says of SAM's own checkout and scripts; with the configuration that it hands down.
 */
function npmEnvironment(env: Environment): Record<string, string> {
  const kept = Object.entries(env).flatMap(([name, value]): [string, string][] =>
    value === undefined || name === "INIT_CWD" || /^npm_(?!config_)/.test(name) ? [] : [[name, value]],
  );
  return Object.fromEntries(kept);
}
