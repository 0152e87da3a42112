/**
 * The node's own database: what must survive a power cut. One VM agent has it open at a time; the lock is the file
 * lock of SQLite's exclusive mode, which ends with the process that holds it, however it ends.
 *
 * A change is durable once the write-ahead log is on the disk. SQLite could wait for that itself (`synchronous = FULL`),
 * but then the whole process would: no heartbeat, no update, while a checkout keeps the disk busy. So SQLite is told not
 * to wait (`NORMAL`: it still orders its checkpoints), the log is synced on another thread, and whoever depends on the
 * change is told when that is done. Changes that come meanwhile share the next sync.
 */
import { fdatasync, openSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

import { messageOf } from "../clipped-text.ts";
import { logFact } from "../log.ts";
import { ensureReserve } from "./disk-reserve.ts";
import { schema } from "./schema.ts";

export class DiskTaken extends Error {}

interface Change {
  readonly apply: () => void;
  readonly done: () => void;
  readonly fail: (error: unknown) => void;
}

/** Called when a sync begins; what it returns is called when everything that was written by then is on the disk. */
export type SyncListener = () => () => void;

/** The database as its users have it. */
export type StateStore = Pick<StateDatabase, "sql" | "onSync" | "commit" | "commitSoon" | "tend">;

/** SQLITE_BUSY, SQLITE_LOCKED; SQLITE_IOERR and SQLITE_FULL: https://www.sqlite.org/rescode.html */
const busyCodes = new Set([5, 6]);
const unwritableCodes = new Set([10, 13]);
const retryMs = 500;

export class StateDatabase {
  readonly sql: DatabaseSync;
  readonly #log: number;
  readonly #waiting: Change[] = [];
  readonly #listeners: SyncListener[] = [];
  /** Applied, and to be told when the sync that is to begin next is done. */
  #unsynced: Change[] = [];
  #isFlushing = false;
  #isSyncing = false;
  #flushesSoon = false;
  #retry: NodeJS.Timeout | null = null;

  /** @throws DiskTaken where another process has the database open. */
  constructor(path: string) {
    try {
      this.sql = new DatabaseSync(path, { timeout: 0 });
      this.sql.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
      // The lock is taken by the first write.
      this.sql.exec("BEGIN IMMEDIATE");
      this.sql.exec(schema);
      this.sql.exec("COMMIT");
    } catch (error) {
      if (busyCodes.has(codeOf(error) ?? -1)) {
        throw new DiskTaken(`${path} is open in another process`, { cause: error });
      }
      throw error;
    }
    ensureReserve(this.sql);
    // The log keeps its file for as long as the database is open; SQLite locks another one, so this handle is harmless.
    this.#log = openSync(`${path}-wal`, "r+");
  }

  /** To be called before anything is committed. */
  onSync(listener: SyncListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Applies a change in a transaction, at once and after every change that was handed in before. Where the disk has no
   * room it waits and tries again, so that nothing is lost and nothing overtakes. Resolves when it is on the disk.
   * @throws what `apply` throws; then nothing of it was changed.
   */
  commit(apply: () => void): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ apply, done: resolve, fail: reject });
    this.#flush();
    return promise;
  }

  /** The same, together with whatever else comes in this turn of the event loop. */
  commitSoon(apply: () => void): void {
    const fail = (error: unknown) => logFact("change_dropped", { error: messageOf(error) });
    this.#waiting.push({ apply, done: () => undefined, fail });
    if (this.#flushesSoon) return;
    this.#flushesSoon = true;
    setImmediate(() => {
      this.#flushesSoon = false;
      this.#flush();
    });
  }

  /** Fills the reserve up again; to be called now and then. */
  tend(): void {
    if (this.#waiting.length === 0) ensureReserve(this.sql);
  }

  #flush(): void {
    if (this.#isFlushing || this.#retry !== null) return;
    this.#isFlushing = true;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, 512);
        const outcome = this.#applyAll(batch);
        if (outcome === "no_room") {
          this.#retry = setTimeout(() => {
            this.#retry = null;
            this.#flush();
          }, retryMs);
          break;
        }
        this.#waiting.splice(0, batch.length);
        for (const [index, change] of batch.entries()) {
          const failure = outcome[index];
          if (failure === undefined) this.#unsynced.push(change);
          else change.fail(failure.error);
        }
      }
    } finally {
      this.#isFlushing = false;
    }
    this.#sync();
  }

  #sync(): void {
    if (this.#isSyncing || this.#unsynced.length === 0) return;
    this.#isSyncing = true;
    const changes = this.#unsynced;
    this.#unsynced = [];
    const told = this.#listeners.map((listener) => listener());
    const attempt = () =>
      fdatasync(this.#log, (error) => {
        if (error !== null) {
          logFact("state_not_synced", { retryMs, error: error.message });
          setTimeout(attempt, retryMs);
          return;
        }
        this.#isSyncing = false;
        for (const tell of told) tell();
        for (const change of changes) change.done();
        this.#sync();
      });
    attempt();
  }

  /** @returns for each change its error or undefined; each is a savepoint, so that a bad one takes no other with it. */
  #applyAll(batch: readonly Change[]): "no_room" | (undefined | { error: unknown })[] {
    try {
      this.sql.exec("BEGIN IMMEDIATE");
      const outcome = batch.map((change) => this.#applyOne(change));
      this.sql.exec("COMMIT");
      return outcome;
    } catch (error) {
      if (this.sql.isTransaction) this.sql.exec("ROLLBACK");
      if (!unwritableCodes.has(codeOf(error) ?? -1)) throw error;
      logFact("state_unwritable", { waiting: this.#waiting.length, retryMs, error: messageOf(error) });
      return "no_room";
    }
  }

  #applyOne(change: Change): undefined | { error: unknown } {
    this.sql.exec("SAVEPOINT change");
    try {
      change.apply();
      this.sql.exec("RELEASE change");
      return undefined;
    } catch (error) {
      if (unwritableCodes.has(codeOf(error) ?? -1)) throw error;
      this.sql.exec("ROLLBACK TO change; RELEASE change");
      return { error };
    }
  }
}

/** The primary result code of SQLite, or null for any other error. */
function codeOf(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}
