/**
 * Migrations only add: a table that is dropped takes with it what nobody meant. And they end where the schema in the code
 * is, by drizzle-kit's own record of them: one that was written by hand is otherwise made a second time.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { promisify } from "node:util";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { root } from "./node.mjs";
import { listFiles, readText } from "./repository-files.mjs";

const takesAway =
  /\b(drop\s+(table|column|index|view|trigger)|rename\s+(to|column)|delete\s+from|truncate|replace\s+into|on\s+delete\s+cascade|pragma)\b/i;

describe("migrations", () => {
  const files = listFiles().filter((path) => /^apps\/.*\/(migrations|drizzle)\/.*\.sql$/.test(path));

  it("only add: none drops, renames, empties or rebuilds a table, and none cascades", () => {
    expect(files.length).toBeGreaterThan(4);
    expect(files.filter((path) => takesAway.test(readText(path)))).toEqual([]);
  });

  it.each([
    "DROP TABLE `tasks`;",
    "ALTER TABLE `__new_tasks` RENAME TO `tasks`;",
    "DELETE FROM web_sessions;",
    "FOREIGN KEY (`a`) REFERENCES `b`(`id`) ON UPDATE no action ON DELETE cascade",
  ])("%s is noticed", (text) => {
    expect(takesAway.test(text)).toBe(true);
  });
});

describe("the schema in the code", () => {
  const control = `${root}/apps/control`;
  let copy = "";
  beforeEach(() => {
    copy = mkdtempSync(`${root}/node_modules/.sam-migrations-`);
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  it.each([
    { config: "drizzle-d1.config.ts", folder: "migrations" },
    { config: "drizzle-task.config.ts", folder: "drizzle/task" },
    { config: "drizzle-node.config.ts", folder: "drizzle/node" },
  ])("is what $folder makes", async ({ config, folder }) => {
    cpSync(`${control}/${folder}`, `${copy}/made`, { recursive: true });
    /** @type {{ default: { schema: string[] } }} */
    const module = await import(`${control}/${config}`);
    const options = { ...module.default, out: relative(control, `${copy}/made`) };
    writeFileSync(`${copy}/drizzle.config.mjs`, `export default ${JSON.stringify(options)};\n`);
    const command = [`${root}/node_modules/drizzle-kit/bin.cjs`, "generate", `--config=${copy}/drizzle.config.mjs`];
    const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: control, timeout: 20_000 });
    expect(stdout).toContain("No schema changes");
  });
});
