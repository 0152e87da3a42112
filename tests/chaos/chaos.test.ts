/** A short run of chaos with a fixed seed, as `npm run chaos` makes it: a test for each of the ten rules. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { ruleNames } from "@sam/domain/rules/rule";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

const reportSchema = z.object({
  rules: z.array(
    z.object({
      rule: z.number(),
      checked: z.array(z.string()),
      breaches: z.array(z.object({ about: z.string(), what: z.string() })),
    }),
  ),
  trouble: z.array(z.string()),
  faults: z.array(z.tuple([z.string(), z.number()])),
  ends: z.array(z.tuple([z.string(), z.number()])),
});

const run = ["--seed", "4", "--minutes", "0.5", "--tasks", "24"];
let report: z.infer<typeof reportSchema>;
let printed = "";

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "sam-chaos-report-"));
  const file = join(folder, "report.json");
  const args = [join(import.meta.dirname, "main.ts"), ...run, "--report", file];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
  const keep = (text: string): void => {
    printed += text;
  };
  child.stdout.setEncoding("utf8").on("data", keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  await once(child, "close");
  try {
    report = reportSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new Error(`there is no report; the run printed:\n${printed}`, { cause: error });
  } finally {
    console.log(printed);
    rmSync(folder, { recursive: true, force: true });
  }
});

describe("a storm over the real system", () => {
  it("struck in many ways, and the system came to rest after it", () => {
    expect(report.trouble).toEqual([]);
    expect(report.faults.length).toBeGreaterThanOrEqual(10);
    expect(report.ends.map(([end]) => end)).toContain("completed");
  });

  it.each(Object.entries(ruleNames))("rule %s holds: %s", (number, _name) => {
    const found = report.rules.find(({ rule }) => rule === Number(number));
    expect(found?.checked).not.toEqual([]);
    expect(found?.breaches).toEqual([]);
  });
});
