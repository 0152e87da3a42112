/**
 * The state database of a simulated VM agent: the real tables and statements, in memory. A change stands at once, as it
 * does when only the process dies; whoever waits for the disk is told a moment later, as by a real sync.
 */
import type { DatabaseSync } from "node:sqlite";

import type { StateStore, SyncListener } from "../../../../apps/vm-agent/src/store/state-database.ts";
import { inScene, never, sceneNow, type Life } from "../time/life.ts";
import type { VirtualTime } from "../time/virtual-time.ts";

const syncMs = 1;

export class MemoryState implements StateStore {
  readonly sql: DatabaseSync;
  readonly #time: VirtualTime;
  readonly #life: Life;
  readonly #delayMs: () => number;
  readonly #listeners: SyncListener[] = [];
  #soon: (() => void)[] = [];
  #unsynced: (() => void)[] = [];
  #isSyncing = false;

  /** @param delayMs what a sync takes beyond its usual time. */
  constructor(sql: DatabaseSync, time: VirtualTime, life: Life, delayMs: () => number) {
    this.sql = sql;
    this.#time = time;
    this.#life = life;
    this.#delayMs = delayMs;
  }

  onSync(listener: SyncListener): void {
    this.#listeners.push(listener);
  }

  commit(apply: () => void): Promise<void> {
    if (this.#life.isOver) return never();
    this.#applySoon();
    try {
      apply();
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
    const done = new Promise<void>((resolve) => {
      this.#unsynced.push(resolve);
    });
    this.#sync();
    return done;
  }

  commitSoon(apply: () => void): void {
    if (this.#life.isOver) return;
    this.#soon.push(apply);
    if (this.#soon.length > 1) return;
    setImmediate(() => {
      this.#applySoon();
      this.#sync();
    });
  }

  tend(): void {
    return;
  }

  #applySoon(): void {
    const soon = this.#soon;
    this.#soon = [];
    for (const apply of soon) apply();
    if (soon.length > 0) this.#unsynced.push(() => undefined);
  }

  #sync(): void {
    if (this.#isSyncing || this.#unsynced.length === 0) return;
    this.#isSyncing = true;
    const done = this.#unsynced;
    this.#unsynced = [];
    const told = this.#listeners.map((listener) => listener());
    const scene = sceneNow();
    this.#time.after(syncMs + this.#delayMs(), () => {
      if (this.#life.isOver) return;
      inScene(scene, () => {
        this.#isSyncing = false;
        for (const tell of told) tell();
        for (const resolve of done) resolve();
        this.#sync();
      });
    });
  }
}
