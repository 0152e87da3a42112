/**
 * Bundles what is stale. A bundle is fresh if and only if the record beside it names the same recipe (the build scripts
 * and the lockfile) and every source file of ours that went into it still has the size and the time that it had then.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { buildPage } from "./build-page.mjs";
import { presentTargets } from "./build-targets.mjs";
import { root, runScript, SetupError } from "./node.mjs";

/** @typedef {import("./build-targets.mjs").Target} Target */
/** @typedef {{ recipe: string, inputs: Record<string, string> }} BuildRecord */

const RECIPE_FILES = [
  "package-lock.json",
  "tsconfig.base.json",
  "scripts/build.mjs",
  "scripts/build-page.mjs",
  "scripts/build-targets.mjs",
];

/** One hash of everything beside our sources that decides what a bundle looks like. */
function recipeOf() {
  const hash = createHash("sha256");
  for (const file of RECIPE_FILES) hash.update(readFileSync(`${root}/${file}`));
  return hash.digest("hex");
}

/** @param {string} file below the root @returns {string} changes whenever the file is written */
function fingerprint(file) {
  const stats = statSync(`${root}/${file}`, { throwIfNoEntry: false });
  return stats === undefined ? "gone" : `${stats.mtimeMs}:${stats.size}`;
}

/** @param {Target} target @param {string} recipe */
function isFresh(target, recipe) {
  if (!existsSync(`${root}/${target.output}`) || !existsSync(`${root}/${target.record}`)) return false;
  /** @type {BuildRecord} */
  const record = JSON.parse(readFileSync(`${root}/${target.record}`, "utf8"));
  if (record.recipe !== recipe) return false;
  return Object.entries(record.inputs).every(([file, then]) => fingerprint(file) === then);
}

/** The targets that must be built again. @returns {Target[]} */
export function staleTargets() {
  const recipe = recipeOf();
  return presentTargets().filter((target) => !isFresh(target, recipe));
}

/** Replaces a file in one step: whoever reads it sees the old one or the new one. @param {string} file @param {Uint8Array | string} content */
function replaceFile(file, content) {
  const next = `${dirname(file)}/.${basename(file)}.${process.pid}`;
  writeFileSync(next, content);
  renameSync(next, file);
}

/**
 * Writes one file, and its source map beside it.
 * @param {Target} target @param {import("esbuild").BuildOptions} options @returns {Promise<string[]>} what went into it
 */
async function bundle(target, options) {
  const { build: bundleWithEsbuild } = await import("esbuild");
  const result = await bundleWithEsbuild({
    ...options,
    absWorkingDir: root,
    entryPoints: [target.entry],
    outfile: target.output,
    metafile: true,
    write: false,
  });
  mkdirSync(dirname(`${root}/${target.output}`), { recursive: true });
  const main = `${root}/${target.output}`;
  for (const file of result.outputFiles.filter(({ path }) => path !== main)) replaceFile(file.path, file.contents);
  for (const file of result.outputFiles.filter(({ path }) => path === main)) replaceFile(main, file.contents);
  // Packages change with the lockfile, which is in the recipe.
  return Object.keys(result.metafile.inputs).filter((file) => !file.includes("node_modules/"));
}

/** @param {Target} target @param {string} recipe */
async function build(target, recipe) {
  const startedMs = Date.now();
  const ours = target.options === null ? await buildPage() : await bundle(target, target.options);
  // A file written while we bundled counts as stale; file systems stamp with a clock that may lag by some milliseconds.
  const inputs = Object.fromEntries(
    ours.map((file) => {
      const stats = statSync(`${root}/${file}`, { throwIfNoEntry: false });
      return [
        file,
        stats !== undefined && stats.mtimeMs < startedMs - 20 ? fingerprint(file) : "written during the build",
      ];
    }),
  );
  mkdirSync(dirname(`${root}/${target.record}`), { recursive: true });
  replaceFile(`${root}/${target.record}`, JSON.stringify({ recipe, inputs }));
}

/** @param {unknown} error @returns {Promise<string>} */
async function describeFailure(error) {
  const { formatMessages } = await import("esbuild");
  if (error instanceof Error && "errors" in error && Array.isArray(error.errors)) {
    /** @type {import("esbuild").Message[]} */
    const messages = error.errors;
    return (await formatMessages(messages, { kind: "error", color: process.stderr.isTTY })).join("");
  }
  if (error instanceof SetupError) return `${error.message}\n`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** @param {Target[]} stale */
async function buildAll(stale) {
  const startedMs = Date.now();
  const recipe = recipeOf();
  const results = await Promise.allSettled(stale.map((target) => build(target, recipe)));
  const failed = stale.filter((_target, index) => results[index]?.status === "rejected");
  for (const result of results) {
    if (result.status === "rejected") process.stderr.write(await describeFailure(result.reason));
  }
  if (failed.length > 0) {
    const names = failed.map((target) => target.name).join(", ");
    throw new SetupError(`Could not build ${names}; the reasons stand above. Earlier bundles were kept as they were.`);
  }
  const names = stale.map((target) => target.name).join(", ");
  process.stderr.write(`Built ${names} in ${Date.now() - startedMs} ms.\n`);
}

/** Builds what is stale, once even if several commands ask at the same time. Needs the packages installed. */
export async function ensureBuilt() {
  if (staleTargets().length === 0) return;
  const { withLock } = await import("./lock.mjs");
  const onWait = () => process.stderr.write("Another command is building; waiting for it.\n");
  await withLock("build", { onWait }, async () => {
    const stale = staleTargets();
    if (stale.length > 0) await buildAll(stale);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(async () => {
    const { ensureInstalled } = await import("./install.mjs");
    await ensureInstalled();
    await ensureBuilt();
  });
}
