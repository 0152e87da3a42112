/**
 * D1 as queries are written for, and the queries that are asked so often that each is built once: to build one takes longer
 * than it takes to ask. What it is asked for comes with each call, under the names of its placeholders.
 */
import { sql, type Placeholder, type SQL } from "drizzle-orm";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";

import type { Env } from "../env.ts";

const databases = new WeakMap<D1Database, DrizzleD1Database>();

/** @returns the same one each time, so that what was built for it is found again. */
export function databaseOf({ DB }: Pick<Env, "DB">): DrizzleD1Database {
  const known = databases.get(DB);
  if (known !== undefined) return known;
  const made = drizzle(DB);
  databases.set(DB, made);
  return made;
}

/** @param build makes the query, and prepares it. @returns the query of a database, built with the first call. */
export function builtOnce<Query extends object>(
  build: (database: DrizzleD1Database) => Query,
): (database: DrizzleD1Database) => Query {
  const built = new WeakMap<DrizzleD1Database, Query>();
  return (database) => {
    const known = built.get(database);
    if (known !== undefined) return known;
    const made = build(database);
    built.set(database, made);
    return made;
  };
}

/** @returns the place of a value that comes with each call. */
export function given<Name extends string>(name: Name): Placeholder<Name> {
  return sql.placeholder(name);
}

/** @returns in an upsert: the value that the row was to be inserted with. */
export function excluded({ name }: SQLiteColumn): SQL {
  return sql`excluded.${sql.identifier(name)}`;
}
