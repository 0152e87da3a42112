/**
 * Where each kind of test runs. Unit tests stand beside what they test, in Node or (for the Worker) in workerd; those of
 * what runs on a machine start it, so they are processes of their own; system and browser tests start all of it, one file
 * after the other, the patient ones of them beside the others, since they wait for silences; those of the agents start real
 * coding agents.
 */
import { defineConfig } from "vitest/config";

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
          include: [
            "packages/*/src/**/*.test.ts",
            "apps/web/src/**/*.test.{ts,tsx}",
            "tests/model-server/**/*.test.ts",
          ],
          // Most of them are done sooner than a worker of their own would start.
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: {
          name: "processes",
          include: ["apps/{vm-agent,runbook,sam}/{src,test}/**/*.test.ts"],
          testTimeout: 20_000,
        },
      },
      {
        extends: true,
        test: { name: "scripts", include: ["scripts/**/*.test.mjs"], isolate: false, testTimeout: 20_000 },
      },
      "tests/platform",
      "apps/control",
      "apps/control/vitest.real-alarms.config.ts",
      {
        extends: true,
        test: {
          name: "system",
          include: ["tests/system/**/*.test.ts"],
          exclude: ["tests/system/patient/**"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "sim",
          include: ["packages/sim/test/**/*.test.ts"],
          // Each file has two workers of its own.
          fileParallelism: false,
          testTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: { name: "chaos", include: ["tests/chaos/**/*.test.ts"], testTimeout: 20_000, hookTimeout: 300_000 },
      },
      {
        extends: true,
        test: {
          name: "patient",
          include: ["tests/system/patient/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["tests/browser/**/*.test.ts", "tests/hostile/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: "agents",
          include: ["tests/agents/**/*.test.ts"],
          // A few agents of each file at once: starting one takes a processor for seconds.
          maxConcurrency: 4,
          testTimeout: 180_000,
          // The first one installs the agent.
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
