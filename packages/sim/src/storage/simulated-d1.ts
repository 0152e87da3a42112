/**
 * D1, as the control plane's own queries meet it: SQLite in memory, with the real migrations, behind the part of D1's API
 * that drizzle uses. One database serves every world of a process, emptied in between. Each call passes the fault gate.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

import { d1Call, type FaultGate } from "../network/fault-gate.ts";

const migrations = join(import.meta.dirname, "../../../../apps/control/migrations");

interface Prepared {
  readonly text: string;
  readonly givesRows: boolean;
  readonly statement: StatementSync;
  readonly arrays: StatementSync;
}

interface D1Meta {
  readonly changes: number;
}

type Rewrite = (text: string) => string;

/** The SQLite behind it, and the statements that were prepared once. */
export class D1Storage {
  readonly #database = new DatabaseSync(":memory:");
  readonly #prepared = new Map<string, Prepared>();
  readonly #tables: readonly string[];
  #binding: SimulatedD1 | null = null;

  constructor() {
    for (const name of readdirSync(migrations)
      .filter((file) => file.endsWith(".sql"))
      .toSorted()) {
      this.#database.exec(readFileSync(join(migrations, name), "utf8"));
    }
    this.#countRowChanges();
    const named = this.#database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    this.#tables = named.map(({ name }) => String(name)).filter((name) => !name.startsWith("sqlite_"));
    // Nobody else reads it, so nothing has to be committed.
    this.#database.exec("BEGIN");
  }

  /** Every change of a task's row is written down, since there may be only one for each transition. */
  #countRowChanges(): void {
    this.#database.exec("CREATE TABLE row_changes (task_id TEXT, step TEXT, version INTEGER, updated_at INTEGER)");
    for (const change of ["INSERT", "UPDATE"]) {
      this.#database.exec(
        `CREATE TRIGGER count_${change} AFTER ${change} ON tasks BEGIN
           INSERT INTO row_changes VALUES (NEW.task_id, NEW.step, NEW.version, NEW.updated_at); END`,
      );
    }
  }

  /** The same one for world after world, so that a query is built once. @param rewrite what a canary makes of a statement. */
  binding(gate: FaultGate, rewrite: Rewrite | null): SimulatedD1 {
    const binding = this.#binding?.rewrite === rewrite ? this.#binding : new SimulatedD1(this, rewrite);
    binding.gate = gate;
    this.#binding = binding;
    return binding;
  }

  empty(): void {
    for (const table of this.#tables) this.prepare(`DELETE FROM ${table}`).statement.run();
  }

  prepare(text: string): Prepared {
    const known = this.#prepared.get(text);
    if (known !== undefined) return known;
    const planned = plannedOnce(text);
    const arrays = this.#database.prepare(planned);
    arrays.setReturnArrays(true);
    const givesRows = /^\s*select|returning/i.test(text);
    const prepared = { text, givesRows, statement: this.#database.prepare(planned), arrays };
    this.#prepared.set(text, prepared);
    return prepared;
  }

  rows(text: string, ...values: SQLInputValue[]): Record<string, unknown>[] {
    return this.prepare(text).statement.all(...values);
  }

  run(text: string): void {
    this.prepare(text).statement.run();
  }
}

/** SQLite plans a statement anew each time that its bare `LIMIT ?` is bound, which takes ten times as long as to run it. */
function plannedOnce(text: string): string {
  return text.replace(/\blimit \?/gi, "$& + 0");
}

class Statement {
  readonly #binding: SimulatedD1;
  readonly #prepared: Prepared;
  readonly #values: readonly SQLInputValue[];

  constructor(binding: SimulatedD1, prepared: Prepared, values: readonly SQLInputValue[] = []) {
    this.#binding = binding;
    this.#prepared = prepared;
    this.#values = values;
  }

  bind(...values: SQLInputValue[]): Statement {
    return new Statement(this.#binding, this.#prepared, values);
  }

  /** Does it now, whoever asked. */
  runNow(): { readonly results: unknown[]; readonly success: true; readonly meta: D1Meta } {
    const { statement, givesRows } = this.#prepared;
    if (givesRows) {
      return { results: statement.all(...this.#values), success: true, meta: { changes: 0 } };
    }
    const { changes } = statement.run(...this.#values);
    return { results: [], success: true, meta: { changes: Number(changes) } };
  }

  run() {
    return this.#pass(() => this.runNow());
  }

  all() {
    return this.#pass(() => this.runNow());
  }

  raw() {
    return this.#pass(() => this.#prepared.arrays.all(...this.#values));
  }

  #pass<Value>(effect: () => Value): Promise<Value> {
    return this.#binding.passed.pass(() => `D1 ${this.#prepared.text.slice(0, 40)}`, d1Call, effect);
  }
}

/** The binding, for an `Env`. */
export class SimulatedD1 {
  readonly rewrite: Rewrite | null;
  /** That of the world that runs. */
  gate: FaultGate | null = null;
  readonly #storage: D1Storage;

  constructor(storage: D1Storage, rewrite: Rewrite | null) {
    this.#storage = storage;
    this.rewrite = rewrite;
  }

  get passed(): FaultGate {
    if (this.gate === null) throw new Error("no world is running");
    return this.gate;
  }

  prepare(text: string): Statement {
    return new Statement(this, this.#storage.prepare(this.rewrite?.(text) ?? text));
  }

  /** All of them or none. */
  batch(statements: readonly Statement[]) {
    return this.passed.pass(
      () => "D1 batch",
      d1Call,
      () => {
        this.#storage.run("SAVEPOINT batch");
        try {
          return statements.map((statement) => statement.runNow());
        } catch (error) {
          this.#storage.run("ROLLBACK TO batch");
          throw error;
        } finally {
          this.#storage.run("RELEASE batch");
        }
      },
    );
  }
}
