/**
 * The tables of a node's own database.
 * - `inbox`: the commands that were received, by id; the body is emptied once done, the id is kept as a tombstone.
 * - `outbox`: the events that the control plane has not acknowledged, each as the text that is sent.
 * - `task`: what the VM agent knows of each task; `facts` is parsed by task-records.ts; a task that is over keeps `last_seq`.
 * - `saved_work`: the work of tasks that was saved on this node; `work` is parsed by saved-works.ts.
 * - `keepsake`: single values, such as the newest token.
 * - `reserve`: empty; see disk-reserve.ts.
 */
export const schema = `
CREATE TABLE IF NOT EXISTS inbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  command_id TEXT NOT NULL UNIQUE,
  task_id TEXT NOT NULL,
  body TEXT,
  received_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('received', 'running', 'done')),
  progress TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX IF NOT EXISTS inbox_open ON inbox (state, position);
CREATE TABLE IF NOT EXISTS outbox (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  task_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  record TEXT NOT NULL,
  UNIQUE (task_id, seq)
) STRICT;
CREATE TABLE IF NOT EXISTS task (
  task_id TEXT PRIMARY KEY,
  last_seq INTEGER NOT NULL DEFAULT 0,
  facts TEXT NOT NULL,
  over_since INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS saved_work (task_id TEXT PRIMARY KEY, work TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS keepsake (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS reserve (filler BLOB) STRICT;
`;
