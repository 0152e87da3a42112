/** D1 row changes of tasks over their transitions: exactly one each, counted by the database itself. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { makeRepository } from "./support/repository.ts";
import type { Figure } from "./support/statistics.ts";
import type { BenchSystem } from "./support/system.ts";

/** Stops the system to put a counting trigger under it, runs tasks, stops it again to read the count. */
export async function measureRowChanges(system: BenchSystem, tasks: number): Promise<Figure[]> {
  await system.stop();
  withDatabase(system, (database) => {
    database.exec("CREATE TABLE IF NOT EXISTS bench_row_changes (task_id TEXT)");
    for (const [change, row] of [
      ["INSERT", "NEW"],
      ["UPDATE", "NEW"],
      ["DELETE", "OLD"],
    ]) {
      database.exec(`CREATE TRIGGER IF NOT EXISTS bench_${change} AFTER ${change} ON tasks
        BEGIN INSERT INTO bench_row_changes VALUES (${row}.task_id); END`);
    }
  });
  await system.start();
  const repository = makeRepository(10, 2);
  const begun = new Date().toISOString();
  for (let task = 0; task < tasks; task += 1) {
    system.run("run", "--repo", repository, "```sh\ndate > now.txt\n```");
  }
  await system.stop();
  const { changes, transitions } = withDatabase(system, (database) => {
    const count = database.prepare("SELECT count(*) AS n FROM bench_row_changes").get();
    const versions = database
      .prepare("SELECT sum(version) AS n FROM tasks WHERE task_id IN (SELECT task_id FROM bench_row_changes)")
      .get();
    return { changes: Number(count?.["n"]), transitions: Number(versions?.["n"]) };
  });
  await system.start();
  return [
    {
      name: `D1 row changes of ${tasks} tasks (since ${begun.slice(0, 10)})`,
      measured: changes,
      baseline: transitions,
      unit: "",
      baselineName: "their transitions",
      atMost: null,
      exactly: 1,
      runs: tasks,
    },
  ];
}

function withDatabase<Result>(system: BenchSystem, use: (database: DatabaseSync) => Result): Result {
  const folder = join(system.dataDirectory, "state/d1/miniflare-D1DatabaseObject");
  const file = readdirSync(folder).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  if (file === undefined) throw new Error(`no database in ${folder}`);
  const database = new DatabaseSync(join(folder, file));
  try {
    return use(database);
  } finally {
    database.close();
  }
}
