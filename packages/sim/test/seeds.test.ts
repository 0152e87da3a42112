/** The simulator itself, as `npm run sim` runs it: 2,000 schedules, and the same one twice. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, it } from "vitest";

const main = join(import.meta.dirname, "../src/main.ts");

async function sim(...args: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { maxBuffer: 256 * 1024 * 1024 });
    return { exitCode: 0, output: stdout };
  } catch (error) {
    if (!(error instanceof Error) || !("stdout" in error) || !("code" in error)) throw error;
    return { exitCode: Number(error.code), output: String(error.stdout) };
  }
}

it("keeps the ten rules in 2,000 schedules of faults", async () => {
  const { exitCode, output } = await sim("--seeds", "2000", "--workers", "2");
  expect(output).toContain("The ten rules held in 2000 seeds");
  expect(exitCode).toBe(0);
});

it("lives through the same schedule each time that it is given the same seed", async () => {
  const [one, other] = await Promise.all([sim("--seed", "7"), sim("--seed", "7")]);
  expect(one.output.length).toBeGreaterThan(1_000);
  expect(other.output).toBe(one.output);
});
