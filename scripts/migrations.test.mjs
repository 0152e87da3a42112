/** Migrations only add: a table that is dropped takes with it what nobody meant. */
import { describe, expect, it } from "vitest";

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
