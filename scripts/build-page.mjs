/**
 * Builds the page with Vite, in a process of its own: what Vite loads would stay in the memory of whoever starts SAM.
 * The new files are moved into place beside the old ones, `index.html` last, so a page that is opened meanwhile is whole.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { findRuntimeNode, root, SetupError } from "./node.mjs";

const web = `${root}/apps/web`;
const served = `${web}/dist`;
const next = `${served}/.next`;
const timeoutMs = 3 * 60_000;

/** @param {string} folder @returns {string[]} the files in it, below it */
function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, `${entry.parentPath}/${entry.name}`));
}

/** Moves the new build over the old one and removes what is of the old one alone. */
function replaceServed() {
  const files = filesIn(next).toSorted((a, b) => Number(a === "index.html") - Number(b === "index.html"));
  for (const file of files) {
    mkdirSync(dirname(`${served}/${file}`), { recursive: true });
    renameSync(`${next}/${file}`, `${served}/${file}`);
  }
  rmSync(next, { recursive: true });
  const kept = new Set(files);
  for (const file of filesIn(served)) if (!kept.has(file)) rmSync(`${served}/${file}`);
}

/** @returns {Promise<string[]>} the files of ours that went into it, below the root */
export async function buildPage() {
  try {
    const child = promisify(execFile)(findRuntimeNode(), [fileURLToPath(import.meta.url)], {
      cwd: web,
      timeout: timeoutMs,
      maxBuffer: 16 * 1024 * 1024,
      env: { ...process.env, NODE_ENV: "production", ...(process.stderr.isTTY ? {} : { NO_COLOR: "1" }) },
    });
    const { stdout } = await child;
    replaceServed();
    /** @type {string[]} */
    const inputs = JSON.parse(stdout);
    return inputs;
  } catch (error) {
    const output = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    throw new SetupError(`Vite could not build the page.\n${output}`, { cause: error });
  }
}

/** What runs in the child: builds into `next` and prints the files of ours, as JSON. */
async function main() {
  const { build } = await import("vite");
  /** @type {Set<string>} */
  const inputs = new Set();
  await build({
    root: web,
    logLevel: "error",
    build: { outDir: next, emptyOutDir: true },
    plugins: [
      {
        name: "list-inputs",
        generateBundle() {
          for (const id of this.getModuleIds()) inputs.add(id.replace(/\?.*$/, ""));
        },
      },
    ],
  });
  const modules = [...inputs].filter((file) => file.startsWith(`${root}/`) && !file.includes("/node_modules/"));
  const others = [`${web}/index.html`, `${web}/vite.config.ts`, `${web}/public`];
  const assets = filesIn(`${web}/public`).map((file) => `${web}/public/${file}`);
  const ours = new Set([...modules, ...others, ...assets].map((file) => relative(root, file)));
  process.stdout.write(JSON.stringify([...ours]));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((/** @type {unknown} */ error) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
