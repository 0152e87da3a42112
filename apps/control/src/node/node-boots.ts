/** The boots of this node's VM agent that ever said hello: one that was replaced never becomes the current one again. */
import { eq, max } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import { bootsTable } from "./node-tables.ts";

export class NodeBoots {
  readonly #database: DrizzleSqliteDODatabase;

  constructor(database: DrizzleSqliteDODatabase) {
    this.#database = database;
  }

  /** Writes down that this boot said hello. */
  note(bootId: string, now: number): void {
    this.#database.insert(bootsTable).values({ bootId, firstHelloAt: now }).onConflictDoNothing().run();
  }

  /** @param currentBootId the boot whose words count now; null before the first hello. */
  wasReplaced(bootId: string, currentBootId: string | null): boolean {
    if (bootId === currentBootId) return false;
    return this.#database.select().from(bootsTable).where(eq(bootsTable.bootId, bootId)).get() !== undefined;
  }
}

/** @returns the first hello of the VM agent that said hello last for the first time; null before any. */
export function newestBootAt(database: DrizzleSqliteDODatabase): number | null {
  return (
    database
      .select({ at: max(bootsTable.firstHelloAt) })
      .from(bootsTable)
      .get()?.at ?? null
  );
}
