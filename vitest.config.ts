/**
 * Where each kind of test runs. Unit tests stand beside what they test, in Node or (for the Worker) in workerd; system
 * tests start real processes, one file after the other.
 */
import { existsSync } from "node:fs";

import { defineConfig } from "vitest/config";

// Both need a Worker to load, and say so badly where there is none yet.
const worker = existsSync(new URL("apps/control/wrangler.jsonc", import.meta.url)) ? ["apps/control"] : [];

export default defineConfig({
  test: {
    // A flaky test is a failed one.
    retry: 0,
    // The machine's zone and language must not decide a test.
    env: { TZ: "UTC" },
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: ["packages/*/src/**/*.test.ts", "apps/{vm-agent,runbook,sam}/{src,test}/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: { name: "scripts", include: ["scripts/**/*.test.mjs"], testTimeout: 20_000 },
      },
      "tests/platform",
      ...worker,
      {
        extends: true,
        test: {
          name: "system",
          include: ["tests/system/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
