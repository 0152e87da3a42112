/**
 * `npm test -- FILTER…`: installs and builds what is missing, runs every vitest project under Node 24, those that start
 * whole systems last and alone, and ends with the one line `N passed, N failed`. Skipped counts as failed, and so does a
 * run in which nothing ran: a test that doesn't run proves nothing. `--run=NAME` (such as `agents`, by
 * `npm run test:agents`) makes that run alone; the agents' is not among those of `npm test`, since it installs six.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";

import { findRuntimeNode, root, runScript, SetupError } from "./node.mjs";

const RUN_TIMEOUT_MS = 25 * 60_000;
const unitWorkers = Math.max(2, availableParallelism() - 1);

/** @typedef {import("./count-reporter.mjs").Count} Count */
/** @typedef {{ name: string, projects: string[], options?: string[], onlyByName?: boolean }} Run */

/** @type {Run[]} */
const runs = [
  // Half of their time they wait: one worker, which is vitest's choice for two processors, leaves one of them idle.
  { name: "unit", projects: ["!system", "!browser", "!agents"], options: [`--maxWorkers=${unitWorkers}`] },
  { name: "system", projects: ["system"] },
  { name: "browser", projects: ["browser"] },
  // A file an agent, two at a time: they wait for processes more than they work.
  { name: "agents", projects: ["agents"], options: ["--maxWorkers=2"], onlyByName: true },
];

/** Neither wrangler nor its update check may wait for a network that isn't there. */
const environment = {
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};

/**
 * @param {string[]} command @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} why it failed; undefined: it ended with exit code 0
 */
function execute(command, env) {
  const [file = "", ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: "inherit", env });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill("SIGKILL");
    }, RUN_TIMEOUT_MS);
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (timedOut) resolve("it did not end within 25 minutes");
      else resolve(code === 0 ? undefined : `it ended with ${signal ?? `exit code ${code}`}`);
    });
  });
}

/** @param {Run} run @param {string} countFile @param {string[]} filters @returns {Promise<Count & { problem?: string }>} */
async function runTests(run, countFile, filters) {
  process.stdout.write(`\n${run.name} tests\n`);
  const vitest = `${root}/node_modules/vitest/vitest.mjs`;
  const reporters = ["--reporter=default", `--reporter=${root}/scripts/count-reporter.mjs`];
  const projects = run.projects.map((project) => `--project=${project}`);
  const selection = filters.length > 0 ? ["--passWithNoTests", ...filters] : [];
  const command = [findRuntimeNode(), vitest, "run", ...reporters, ...projects, ...(run.options ?? []), ...selection];
  const failure = await execute(command, { ...environment, SAM_TEST_COUNT: countFile });
  if (!existsSync(countFile)) return { passed: 0, failed: 1, skipped: 0, problem: failure ?? "it counted nothing" };
  /** @type {Count} */
  const count = JSON.parse(readFileSync(countFile, "utf8"));
  const nothing = count.passed + count.failed === 0 && filters.length === 0;
  if (nothing) return { ...count, failed: 1, problem: "not a single test ran" };
  if (count.failed === 0 && failure !== undefined) return { ...count, failed: 1, problem: failure };
  return count;
}

/** @param {Run[]} chosen @param {string[]} filters @param {string} countDirectory @returns {Promise<Count>} */
async function runAll(chosen, filters, countDirectory) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const run of chosen) {
    const count = await runTests(run, `${countDirectory}/${run.name}.json`, filters);
    if (count.problem !== undefined) process.stdout.write(`The ${run.name} tests failed: ${count.problem}.\n`);
    total.passed += count.passed;
    total.failed += count.failed;
    total.skipped += count.skipped;
  }
  return total;
}

/** @param {string | undefined} name @returns {Run[]} */
function choose(name) {
  if (name === undefined) return runs.filter((run) => run.onlyByName !== true);
  const chosen = runs.filter((run) => run.name === name);
  if (chosen.length > 0) return chosen;
  throw new SetupError(`There is no run ${name}; there are ${runs.map((run) => run.name).join(", ")}.`);
}

/** @param {string[]} args */
async function testAll(args) {
  const named = args.find((arg) => arg.startsWith("--run="))?.slice("--run=".length);
  const filters = args.filter((arg) => !arg.startsWith("--run="));
  const chosen = choose(named);
  const { ensureInstalled } = await import("./install.mjs");
  const { ensureBuilt } = await import("./build.mjs");
  await ensureInstalled();
  await ensureBuilt();
  const countDirectory = mkdtempSync(`${tmpdir()}/sam-test-`);
  const total = await runAll(chosen, filters, countDirectory).finally(() =>
    rmSync(countDirectory, { recursive: true }),
  );
  if (total.passed + total.failed === 0) process.stdout.write(`No test matches ${filters.join(" ")}.\n`);
  // `-t NAME` skips on purpose; a whole run doesn't.
  return { passed: total.passed, failed: filters.length > 0 ? total.failed : total.failed + total.skipped };
}

let total = { passed: 0, failed: 1 };
await runScript(async () => {
  total = await testAll(process.argv.slice(2));
});
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
