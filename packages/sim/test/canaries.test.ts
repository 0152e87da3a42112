/** A check that cannot fail is no check: each way in which we break the logic on purpose is caught, by its rule. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { canaries } from "../src/canaries/canaries.ts";

const main = join(import.meta.dirname, "../src/main.ts");

it("catches every canary within 2,000 seeds, and names the rule that it breaks", async () => {
  expect(canaries.length).toBeGreaterThanOrEqual(15);
  const { stdout } = await promisify(execFile)(process.execPath, [main, "--canaries", "--workers", "2"]);
  for (const { name, rule } of canaries) {
    expect(stdout).toMatch(new RegExp(`^caught ${name} by seed \\d+: rule ${rule}, `, "m"));
  }
});
