/**
 * The installation is current if and only if `node_modules` was last filled from this very `package-lock.json`. What
 * proves it: a stamp with the lockfile's hash; or, after an `npm install` by hand, npm's own record of what it put there.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { root, SetupError } from "./node.mjs";

const INSTALL_TIMEOUT_MS = 10 * 60_000;
const STAMP = "node_modules/.sam-installed";

/** @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, os?: string[], cpu?: string[] }} LockedPackage */

/** @param {string} text @returns {Record<string, LockedPackage>} */
function packagesOf(text) {
  /** @type {{ packages?: Record<string, LockedPackage> }} */
  const lock = JSON.parse(text);
  return Object.fromEntries(Object.entries(lock.packages ?? {}).filter(([path]) => path.includes("node_modules/")));
}

/** @param {string} lockText */
function stampOf(lockText) {
  return createHash("sha256").update(`${process.platform}-${process.arch}\n${lockText}`).digest("hex");
}

/**
 * What of the lockfile is not in npm's record. Optional packages may be missing: most are for other machines.
 * @param {string} lockText @param {string} recordText @returns {string[]} paths below the root
 */
export function missingPackages(lockText, recordText) {
  const record = packagesOf(recordText);
  return Object.entries(packagesOf(lockText))
    .filter(([path, wanted]) => {
      const there = record[path];
      if (there === undefined) return wanted.optional !== true;
      return there.version !== wanted.version || there.integrity !== wanted.integrity || there.link !== wanted.link;
    })
    .map(([path]) => path);
}

/** @param {string} directory @returns {string | undefined} why the packages must be installed; undefined: they need not */
export function reasonToInstall(directory = root) {
  const lockText = readFileSync(`${directory}/package-lock.json`, "utf8");
  const stampFile = `${directory}/${STAMP}`;
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stampOf(lockText)) return undefined;
  const recordFile = `${directory}/node_modules/.package-lock.json`;
  if (!existsSync(recordFile)) return "nothing is installed yet";
  const missing = missingPackages(lockText, readFileSync(recordFile, "utf8"));
  if (missing.length > 0) return `the lockfile changed (${missing.length} packages differ, ${missing[0]} among them)`;
  writeFileSync(stampFile, stampOf(lockText));
  return undefined;
}

/**
 * How many of the packages that are wanted are unpacked by now: npm says nothing while it works, and makes all of the
 * folders before it fills the first.
 * @param {string} lockText @param {string} directory @returns {{ wanted: number, unpacked: number }}
 */
export function countUnpacked(lockText, directory) {
  const wanted = Object.entries(packagesOf(lockText)).filter(([, { optional }]) => optional !== true);
  const unpacked = wanted.filter(([path]) => existsSync(`${directory}/${path}/package.json`));
  return { wanted: wanted.length, unpacked: unpacked.length };
}

/** @param {string} directory @param {string} lockText @param {number} startedMs @returns {() => void} stops the reports */
function reportProgress(directory, lockText, startedMs) {
  const terminal = process.stderr.isTTY;
  const timer = setInterval(
    () => {
      const seconds = Math.round((Date.now() - startedMs) / 1000);
      const { wanted, unpacked } = countUnpacked(lockText, directory);
      const line = `  npm ci for ${seconds} s: ${unpacked} of ${wanted} packages unpacked`;
      process.stderr.write(terminal ? `\r${line}` : `${line}\n`);
    },
    terminal ? 500 : 5000,
  );
  return () => {
    clearInterval(timer);
    if (terminal) process.stderr.write("\r\u001B[K");
  };
}

/** The npm that runs this script, or the one on the PATH. @returns {{ command: string, prefix: string[] }} */
function findNpm() {
  const path = process.env["npm_execpath"];
  if (path !== undefined && /npm-cli\.[cm]?js$/.test(path)) return { command: process.execPath, prefix: [path] };
  return { command: process.platform === "win32" ? "npm.cmd" : "npm", prefix: [] };
}

/** @param {string} directory @returns {Promise<void>} */
function runNpmCi(directory) {
  const npm = findNpm();
  const args = [...npm.prefix, "ci", "--no-audit", "--no-fund", "--no-progress", "--loglevel=error"];
  return new Promise((resolve, reject) => {
    const child = spawn(npm.command, args, { cwd: directory, stdio: ["ignore", "ignore", "inherit"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), INSTALL_TIMEOUT_MS);
    child.once("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      clearTimeout(timer);
      const what = error.code === "ENOENT" ? "there is no npm on the PATH" : error.message;
      reject(new SetupError(`Could not run npm: ${what}. Install Node with npm (https://nodejs.org), then try again.`));
    });
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve();
      const how = signal === "SIGKILL" ? "was ended after 10 minutes" : `ended with ${signal ?? `exit code ${code}`}`;
      reject(
        new SetupError(
          `npm ci ${how}; what it said stands above. Your sources were not touched; node_modules is incomplete. ` +
            `Is the package registry reachable (\`npm ping\`), is the disk full (\`df .\`)? ` +
            `Then run the same command again: it starts over.`,
        ),
      );
    });
  });
}

/**
 * Installs what is missing, once even if several commands ask at the same time.
 * @param {string} directory
 * @returns {Promise<boolean>} whether anything was installed
 */
export async function ensureInstalled(directory = root) {
  if (reasonToInstall(directory) === undefined) return false;
  const { withLock } = await import("./lock.mjs");
  const onWait = () => process.stderr.write("Another command is installing the packages; waiting for it.\n");
  return withLock("install", { onWait }, async () => {
    const reason = reasonToInstall(directory);
    if (reason === undefined) return false;
    const startedMs = Date.now();
    process.stderr.write(`Installing the packages with npm ci, usually 10 to 30 s: ${reason}.\n`);
    rmSync(`${directory}/${STAMP}`, { force: true });
    const lockText = readFileSync(`${directory}/package-lock.json`, "utf8");
    const stop = reportProgress(directory, lockText, startedMs);
    await runNpmCi(directory).finally(stop);
    writeFileSync(`${directory}/${STAMP}`, stampOf(lockText));
    process.stderr.write(`Installed in ${Math.round((Date.now() - startedMs) / 1000)} s.\n`);
    return true;
  });
}
