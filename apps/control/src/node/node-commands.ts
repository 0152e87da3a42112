/** The commands on their way to a VM agent: kept in order until it has each on its own disk. */
import type { TaskId } from "@sam/domain/ids";
import type { NodeCommand } from "@sam/domain/node-task";
import { nodeCommandSchema } from "@sam/protocol/node-command";
import { asc, eq, isNull } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import { commandsTable } from "./node-tables.ts";

export class NodeCommands {
  readonly #database: DrizzleSqliteDODatabase;

  constructor(database: DrizzleSqliteDODatabase) {
    this.#database = database;
  }

  /** @returns false where this command was taken before. */
  add(command: NodeCommand): boolean {
    const { commandId, taskId } = command;
    const inserted = this.#database
      .insert(commandsTable)
      .values({ commandId, taskId, command: JSON.stringify(command) })
      .onConflictDoNothing()
      .returning({ position: commandsTable.position })
      .all();
    return inserted.length > 0;
  }

  unacknowledged(): NodeCommand[] {
    return this.#database
      .select({ command: commandsTable.command })
      .from(commandsTable)
      .where(isNull(commandsTable.acknowledgedAt))
      .orderBy(asc(commandsTable.position))
      .all()
      .map((row) => nodeCommandSchema.parse(JSON.parse(row.command)));
  }

  acknowledge(commandId: string, now: number): void {
    this.#database
      .update(commandsTable)
      .set({ acknowledgedAt: now })
      .where(eq(commandsTable.commandId, commandId))
      .run();
  }

  /** After its teardown nothing of a task is on its way any more. */
  forgetTask(taskId: TaskId): void {
    this.#database.delete(commandsTable).where(eq(commandsTable.taskId, taskId)).run();
  }

  /** Nobody will ever take them: the node is destroyed. */
  forgetAll(): void {
    this.#database.delete(commandsTable).run();
  }
}
