/**
 * `npm test -- FILTER…`: installs and builds what is missing, runs vitest's projects under Node 24, and ends with the one
 * line `N passed, N failed`. Skipped counts as failed, and so does a run in which nothing ran: a test that doesn't run
 * proves nothing. `npm test` makes the runs that are done within minutes: the logic, the Worker in workerd, the page's
 * parts and the simulator. `--all`, which is `npm run test:all`, makes all of them, those that start real processes,
 * browsers and agents too; `--run=NAME` makes one alone; a filter is looked for in all but those that are made by name.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";

import { findRuntimeNode, root, runScript, SetupError } from "./node.mjs";

const RUN_TIMEOUT_MS = 25 * 60_000;
const inParallel = [`--maxWorkers=${Math.max(2, availableParallelism() - 1)}`];

/** @typedef {import("./count-reporter.mjs").Count} Count */
/**
 * @typedef {object} Run
 * @property {string} name
 * @property {string[]} projects
 * @property {string[]} [options] for vitest
 * @property {boolean} [isQuick] among those of `npm test`
 * @property {boolean} [onlyByName] a filter is not looked for in it
 * @property {boolean} [beside] goes on beside the others, one after the other, and is shown after them
 * @property {boolean} [alone] begins when every other one has ended
 */

/** @type {Run[]} */
const runs = [
  // They wait for part of their time: one worker, which is vitest's choice for two processors, leaves one of them idle.
  {
    name: "unit",
    projects: ["!processes", "!system", "!patient", "!control-real-alarms", "!browser", "!agents", "!chaos", "!sim"],
    options: inParallel,
    isQuick: true,
  },
  { name: "sim", projects: ["sim"], isQuick: true },
  { name: "processes", projects: ["processes"], options: inParallel },
  { name: "system", projects: ["system"] },
  // It takes the whole machine, and kills what it likes of it.
  { name: "chaos", projects: ["chaos"], onlyByName: true, alone: true },
  { name: "patient", projects: ["patient", "control-real-alarms"], beside: true },
  // One agent after the other, a few of its scenarios at once: they take what the others leave of the processors.
  { name: "agents", projects: ["agents"], options: ["--maxWorkers=1"], beside: true, onlyByName: true },
  { name: "browser", projects: ["browser"], beside: true },
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
 * @param {string[]} command @param {NodeJS.ProcessEnv} env @param {"inherit" | number} output where it prints
 * @returns {Promise<string | undefined>} why it failed; undefined: it ended with exit code 0
 */
function execute(command, env, output) {
  const [file = "", ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: ["inherit", output, output], env });
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

/**
 * @param {Run} run @param {string} directory for what it leaves @param {string[]} filters @param {"inherit" | number} output
 * @returns {Promise<Count & { problem?: string }>}
 */
async function runTests(run, directory, filters, output) {
  const vitest = `${root}/node_modules/vitest/vitest.mjs`;
  const countFile = `${directory}/${run.name}.json`;
  const reporters = ["--reporter=default", `--reporter=${root}/scripts/count-reporter.mjs`];
  const projects = run.projects.map((project) => `--project=${project}`);
  const selection = filters.length > 0 ? ["--passWithNoTests", ...filters] : [];
  const command = [findRuntimeNode(), vitest, "run", ...reporters, ...projects, ...(run.options ?? []), ...selection];
  const failure = await execute(command, { ...environment, SAM_TEST_COUNT: countFile }, output);
  if (!existsSync(countFile)) return nothingCounted(failure ?? "it counted nothing");
  /** @type {Count} */
  const count = JSON.parse(readFileSync(countFile, "utf8"));
  const nothing = count.passed + count.failed === 0 && filters.length === 0;
  if (nothing) return { ...count, failed: 1, problem: "not a single test ran" };
  if (count.failed === 0 && failure !== undefined) return { ...count, failed: 1, problem: failure };
  return count;
}

/** @param {string} problem @returns {Count & { problem: string }} */
function nothingCounted(problem) {
  return { passed: 0, failed: 1, skipped: 0, failures: [], problem };
}

/** @param {Run} run @param {string} directory @param {string[]} filters @returns {Promise<() => Count>} shows it, once it has ended */
async function runBeside(run, directory, filters) {
  const outputFile = `${directory}/${run.name}.txt`;
  const output = openSync(outputFile, "w");
  const count = await runTests(run, directory, filters, output);
  closeSync(output);
  return () => {
    process.stdout.write(`\n${run.name} tests, which ran beside the others\n${readFileSync(outputFile, "utf8")}`);
    return told(run, count);
  };
}

/** @param {Run} run @param {Count & { problem?: string }} count @returns {Count} */
function told(run, count) {
  const problems = count.problem === undefined ? [] : [`The ${run.name} tests failed: ${count.problem}.`];
  return { ...count, failures: [...problems, ...count.failures] };
}

/** @param {Run[]} chosen @param {string[]} filters @param {string} directory @returns {Promise<Count>} */
async function runAll(chosen, filters, directory) {
  const beside = chosen.length === 1 ? [] : chosen.filter((run) => run.beside === true);
  const besideOthers = (async () => {
    /** @type {(() => Count)[]} */
    const shown = [];
    for (const run of beside) shown.push(await runBeside(run, directory, filters));
    return shown;
  })();
  /** @type {Count[]} */
  const counts = [];
  /** @param {Run} run */
  const runInSight = async (run) => {
    process.stdout.write(`\n${run.name} tests\n`);
    counts.push(told(run, await runTests(run, directory, filters, "inherit")));
  };
  const inSight = chosen.filter((run) => !beside.includes(run));
  for (const run of inSight.filter(({ alone }) => alone !== true)) await runInSight(run);
  for (const show of await besideOthers) counts.push(show());
  for (const run of inSight.filter(({ alone }) => alone === true)) await runInSight(run);
  /** @param {"passed" | "failed" | "skipped"} what */
  const sum = (what) => counts.reduce((total, count) => total + count[what], 0);
  const failures = counts.flatMap((count) => count.failures);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped"), failures };
}

/** @param {string | undefined} name @param {boolean} all @param {boolean} isFiltered @returns {Run[]} */
function choose(name, all, isFiltered) {
  if (all) return runs;
  if (name === undefined) return runs.filter((run) => (isFiltered ? run.onlyByName !== true : run.isQuick === true));
  const chosen = runs.filter((run) => run.name === name);
  if (chosen.length > 0) return chosen;
  throw new SetupError(`There is no run ${name}; there are ${runs.map((run) => run.name).join(", ")}.`);
}

/** @param {string[]} args */
async function testAll(args) {
  const named = args.find((arg) => arg.startsWith("--run="))?.slice("--run=".length);
  const filters = args.filter((arg) => !arg.startsWith("--run=") && arg !== "--all");
  const chosen = choose(named, args.includes("--all"), filters.length > 0);
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
  const skipped = filters.length > 0 ? 0 : total.skipped;
  const failures = skipped > 0 ? [...total.failures, `${skipped} tests were skipped.`] : total.failures;
  return { ...total, failed: total.failed + skipped, failures };
}

/** @type {Count} */
let total = nothingCounted("it never began");
await runScript(async () => {
  total = await testAll(process.argv.slice(2));
});
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
// Once more, at the end: what stands above is thousands of lines.
if (total.failures.length > 0)
  process.stdout.write(`\nFailed:\n${total.failures.map((each) => `- ${each}\n`).join("")}`);
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed\n`);
