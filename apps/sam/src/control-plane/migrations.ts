/** D1's migrations, applied in their order, each in one transaction, and recorded as wrangler records them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { CommandError } from "../exit-code.ts";
import { type Door, statement } from "./door.ts";

export interface Migration {
  /** The file's name, such as `0000_init.sql`. */
  readonly name: string;
  readonly statements: readonly string[];
}

const ledger = `CREATE TABLE IF NOT EXISTS d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`;

/** @returns the migrations of a folder, oldest first. */
export function readMigrations(directory: string): readonly Migration[] {
  return readdirSync(directory)
    .filter((name) => /^\d{4}_[\w-]+\.sql$/.test(name))
    .toSorted()
    .map((name) => ({ name, statements: splitStatements(readFileSync(join(directory, name), "utf8")) }));
}

/** drizzle-kit marks where one statement ends; a file without marks is one text, which D1 takes as it stands. */
function splitStatements(text: string): readonly string[] {
  return text
    .split("--> statement-breakpoint")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

/** Applies what is missing. @returns the names that were applied. Throws naming the migration that failed. */
export async function migrate(door: Door, migrations: readonly Migration[]): Promise<readonly string[]> {
  const [, rows = []] = await door.batch([statement(ledger), statement("SELECT name FROM d1_migrations")]);
  const applied = new Set(rows.map((row) => z.object({ name: z.string() }).parse(row).name));
  const missing = migrations.filter(({ name }) => !applied.has(name));
  for (const { name, statements } of missing) {
    try {
      await door.batch([
        ...statements.map((sql) => statement(sql)),
        statement("INSERT INTO d1_migrations (name) VALUES (?)", name),
      ]);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CommandError(
        `The migration ${name} failed: ${reason}. It was rolled back as a whole and the data is as it was before it. ` +
          `Go back to the version of SAM that ran last, or report this.`,
        undefined,
        { cause: error },
      );
    }
  }
  return missing.map(({ name }) => name);
}
