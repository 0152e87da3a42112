/**
 * A vitest reporter that writes what was counted to the file named by SAM_TEST_COUNT. A test file that cannot be loaded
 * and an error outside any test count as failures: both hide tests that never ran.
 */
import { writeFileSync } from "node:fs";

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

/** @param {readonly import("vitest/node").TestModule[]} modules @param {number} strayErrors @returns {Count} */
export function countTests(modules, strayErrors) {
  const count = { passed: 0, failed: strayErrors, skipped: 0 };
  for (const module of modules) {
    const broken =
      module.errors().length + [...module.children.allSuites()].filter((s) => s.errors().length > 0).length;
    count.failed += broken;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") count.passed += 1;
      else if (state === "failed") count.failed += 1;
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
    if (file !== undefined) writeFileSync(file, JSON.stringify(countTests(modules, strayErrors.length)));
  }
}
