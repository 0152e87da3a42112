/**
 * A vitest reporter that writes what was counted, and what failed of what, to the file named by SAM_TEST_COUNT. A test file
 * that cannot be loaded and an error outside any test count as failures: both hide tests that never ran.
 */
import { writeFileSync } from "node:fs";
import { inspect } from "node:util";

/**
 * @typedef {object} Count
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} failures each failure's name and the beginning of its error, to be read at the end of a long output
 */

const ERROR_LENGTH = 300;

/** @param {string} name @param {readonly unknown[] | undefined} errors @returns {string} */
function failure(name, errors) {
  const [error] = errors ?? [];
  const hasMessage = error instanceof Object && "message" in error && typeof error.message === "string";
  return `${name}: ${(hasMessage ? String(error.message) : inspect(error)).slice(0, ERROR_LENGTH)}`;
}

/** @param {readonly import("vitest/node").TestModule[]} modules @param {readonly unknown[]} strayErrors @returns {Count} */
export function countTests(modules, strayErrors) {
  /** @type {Count} */
  const count = { passed: 0, failed: 0, skipped: 0, failures: [] };
  /** @param {string} name @param {readonly unknown[] | undefined} errors */
  const fail = (name, errors) => {
    count.failed += 1;
    count.failures.push(failure(name, errors));
  };
  for (const error of strayErrors) fail("outside any test", [error]);
  for (const module of modules) {
    const file = module.relativeModuleId;
    for (const error of module.errors()) fail(file, [error]);
    const brokenSuites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
    for (const suite of brokenSuites) fail(`${file} > ${suite.fullName}`, suite.errors());
    const broken = module.errors().length + brokenSuites.length;
    for (const test of module.children.allTests()) {
      const { state, errors } = test.result();
      if (state === "passed") count.passed += 1;
      else if (state === "failed") fail(`${file} > ${test.fullName}`, errors);
      // What a broken file kept from running is counted once, by its file.
      else if (broken === 0) count.skipped += 1;
    }
  }
  return count;
}

export default class CountReporter {
  /** @param {readonly import("vitest/node").TestModule[]} modules @param {readonly unknown[]} strayErrors */
  onTestRunEnd(modules, strayErrors) {
    const file = process.env["SAM_TEST_COUNT"];
    if (file !== undefined) writeFileSync(file, JSON.stringify(countTests(modules, strayErrors)));
  }
}
