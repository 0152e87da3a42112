/**
 * Starts an entry with everything installed and built. Under `npm run` this process is Node 24 already and becomes the
 * entry itself: no second process, so signals, the terminal and the exit code are its own. Only right after the very
 * first installation is this still the machine's older Node; then the entry is a child that this process waits for.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import module from "node:module";
import { pathToFileURL } from "node:url";

import { ensureBuilt } from "./build.mjs";
import { ensureInstalled } from "./install.mjs";
import { findRuntimeNode, root, SetupError } from "./node.mjs";

/**
 * The child shares our terminal, so Ctrl-C reaches it from there; what only we are told, we pass on.
 * @param {string} node @param {string[]} args @returns {Promise<void>}
 */
export function runAsChild(node, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, args, { stdio: "inherit" });
    process.on("SIGINT", () => undefined);
    for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"])) process.on(signal, () => child.kill(signal));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (signal !== null) {
        for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.removeAllListeners(name);
        process.kill(process.pid, signal);
        return;
      }
      process.exitCode = code ?? 1;
      resolve();
    });
  });
}

/** @param {string} entry below the root @param {string[]} args */
export async function launch(entry, args) {
  await ensureInstalled();
  await ensureBuilt();
  const file = `${root}/${entry}`;
  if (!existsSync(file)) throw new SetupError(`This checkout is incomplete: there is nothing to make ${entry} of.`);
  const node = findRuntimeNode();
  if (node !== process.execPath) return runAsChild(node, [file, ...args]);
  // Compiling a bundle takes as long as running it to its first line; the cache belongs to this process alone.
  module.enableCompileCache(`${root}/node_modules/.cache/node-compile`);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
}
