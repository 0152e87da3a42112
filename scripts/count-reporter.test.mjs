import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";

import { afterEach, beforeEach, expect, it } from "vitest";

import { root } from "./node.mjs";

let directory = "";
beforeEach(() => {
  // Inside the repository, so that the tests in it find vitest.
  directory = mkdtempSync(`${root}/node_modules/.sam-count-`);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Runs vitest on these test files. @param {Record<string, string>} files @returns {Promise<import("./count-reporter.mjs").Count>} what was counted */
async function count(files) {
  for (const [name, body] of Object.entries(files)) {
    writeFileSync(
      `${directory}/${name}.check.mjs`,
      `import { beforeAll, describe, expect, it } from "vitest";\n${body}`,
    );
  }
  writeFileSync(`${directory}/vitest.config.mjs`, 'export default { test: { include: ["*.check.mjs"] } };\n');
  const vitest = [`${root}/node_modules/vitest/vitest.mjs`, "run", `--root=${directory}`];
  const args = [...vitest, `--reporter=${root}/scripts/count-reporter.mjs`];
  const env = { ...process.env, SAM_TEST_COUNT: `${directory}/count.json` };
  await promisify(execFile)(process.execPath, args, { env, timeout: 60_000 }).catch(() => undefined);
  /** @type {import("./count-reporter.mjs").Count} */
  const counted = JSON.parse(readFileSync(`${directory}/count.json`, "utf8"));
  return counted;
}

it("counts what passed, what failed and what never ran", async () => {
  const body = `
    it("passes", () => {});
    it("fails", () => { expect(1).toBe(2); });
    it.${"skip"}("waits", () => {});`;
  expect(await count({ plain: body })).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    failures: ["plain.check.mjs > fails: expected 1 to be 2 // Object.is equality"],
  });
});

it("counts a file that cannot be loaded, a hook that fails and an error outside any test as failures", async () => {
  const counted = await count({
    broken: 'import "./nowhere.mjs";\nit("never runs", () => {});',
    hook: 'describe("x", () => { beforeAll(() => { throw new Error("no"); }); it("never runs", () => {}); });',
    stray:
      'it("passes", async () => { setImmediate(() => { throw new Error("stray"); }); await new Promise((r) => setImmediate(() => setImmediate(r))); });',
  });
  expect(counted).toMatchObject({ passed: 1, failed: 3, skipped: 0 });
  expect(counted.failures.toSorted()).toEqual([
    expect.stringMatching(/^broken\.check\.mjs: .*nowhere\.mjs/),
    "hook.check.mjs > x: no",
    "outside any test: stray",
  ]);
});
