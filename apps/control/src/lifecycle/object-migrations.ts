/** The migrations of a lifecycle object's SQLite, in the shape that drizzle's migrator reads. Migrations only add. */
import nodeInit from "../../drizzle/node/0000_init.sql";
import nodeBoots from "../../drizzle/node/0001_boots.sql";
import nodeRecord from "../../drizzle/node/0002_record.sql";
import nodeJournal from "../../drizzle/node/meta/_journal.json";
import taskInit from "../../drizzle/task/0000_init.sql";
import taskRecord from "../../drizzle/task/0001_record.sql";
import taskJournal from "../../drizzle/task/meta/_journal.json";

export const taskMigrations = { journal: taskJournal, migrations: { m0000: taskInit, m0001: taskRecord } };
export const nodeMigrations = {
  journal: nodeJournal,
  migrations: { m0000: nodeInit, m0001: nodeBoots, m0002: nodeRecord },
};
