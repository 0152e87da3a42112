/**
 * The two Nodes: the machine's own (20 or newer) starts these scripts, and Node 24, which the lockfile brings along for
 * Linux and Windows, runs everything else. Only built-in modules here: it runs before anything is installed.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const OLDEST_NODE = 20;
export const RUNTIME_NODE = 24;

/** The root of the repository, without a slash at the end. */
export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** The major version in a text like `20.20.2`. @param {string} version */
export function majorOf(version) {
  return Number.parseInt(version, 10);
}

/** Something that the person at the keyboard can put right; printed without a stack. */
export class SetupError extends Error {
  /** @override */
  name = "SetupError";
}

/** @param {string} version the version of the Node that runs this script */
export function requireOldestNode(version = process.versions.node) {
  if (majorOf(version) >= OLDEST_NODE) return;
  throw new SetupError(
    `SAM needs Node ${OLDEST_NODE} or newer to begin with; this is Node ${version}. Nothing was changed. ` +
      `Install a newer one (https://nodejs.org), then run the same command again.`,
  );
}

/**
 * The path of a Node that can run the system.
 * @param {{ rootDirectory?: string, platform?: string, arch?: string, version?: string, execPath?: string }} [where]
 * @returns {string}
 */
export function findRuntimeNode(where = {}) {
  const { rootDirectory = root, platform = process.platform, arch = process.arch } = where;
  const { version = process.versions.node, execPath = process.execPath } = where;
  if (majorOf(version) >= RUNTIME_NODE) return execPath;
  const folder = platform === "win32" ? "win" : platform;
  const file = platform === "win32" ? "node.exe" : "node";
  const bundled = `${rootDirectory}/node_modules/node-${folder}-${arch}/bin/${file}`;
  if (existsSync(bundled)) return bundled;
  throw new SetupError(
    `SAM runs under Node ${RUNTIME_NODE}; this is Node ${version}, and there is no ready-made Node for ` +
      `${platform}-${arch} in the lockfile. Nothing was changed. Install Node ${RUNTIME_NODE} or newer ` +
      `(https://nodejs.org), then run the same command again.`,
  );
}

/**
 * Runs a script's body; an error that the person can put right is printed as a sentence, any other with its stack.
 * @param {() => Promise<void>} body
 */
export async function runScript(body) {
  try {
    requireOldestNode();
    await body();
  } catch (error) {
    const text = error instanceof SetupError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`${text}\n`);
    process.exitCode = 1;
  }
}
