/** `npm run check`: installs what is missing, then runs every static check, all of them even after one has failed. */
import { spawnSync } from "node:child_process";
import { delimiter } from "node:path";

import { findRuntimeNode, root, runScript } from "./node.mjs";

const CHECK_TIMEOUT_MS = 5 * 60_000;
const bin = `${root}/node_modules`;

/** Name and command; the file to run is a script for Node. @type {[name: string, file: string, args: string[]][]} */
const checks = [
  ["types", `${bin}/typescript/bin/tsc`, ["--build", "--force"]],
  ["lint", `${bin}/oxlint/bin/oxlint`, []],
  ["format", `${bin}/oxfmt/bin/oxfmt`, ["--check"]],
  ["dependencies", `${root}/scripts/check-dependencies.mjs`, []],
  ["deploy (dry run)", `${root}/scripts/check-deploy.mjs`, []],
];

/** @param {string} file @param {string[]} args @returns {boolean} */
function passes(file, args) {
  const env = { ...process.env, PATH: `${bin}/.bin${delimiter}${process.env["PATH"] ?? ""}` };
  const result = spawnSync(findRuntimeNode(), [file, ...args], {
    cwd: root,
    encoding: "utf8",
    timeout: CHECK_TIMEOUT_MS,
    env,
  });
  if (result.status === 0) return true;
  process.stdout.write(
    `${result.stdout}${result.stderr}${result.error === undefined ? "" : `${result.error.message}\n`}`,
  );
  return false;
}

await runScript(async () => {
  const { ensureInstalled } = await import("./install.mjs");
  await ensureInstalled();
  /** @type {string[]} */
  const failed = [];
  for (const [name, file, args] of checks) {
    const startedMs = Date.now();
    const passed = passes(file, args);
    if (!passed) failed.push(name);
    process.stdout.write(
      `${passed ? "ok    " : "FAILED"} ${name} (${((Date.now() - startedMs) / 1000).toFixed(1)} s)\n`,
    );
  }
  if (failed.length === 0) return;
  process.stdout.write(
    `\nFailed: ${failed.join(", ")}. Each runs alone as \`npm run check:NAME\`; \`npm run format\` formats.\n`,
  );
  process.exitCode = 1;
});
