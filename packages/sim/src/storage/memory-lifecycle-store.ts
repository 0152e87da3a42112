/**
 * The durable side of a lifecycle object, in memory: what a commit has written stands, whatever becomes of the object, and
 * one that is over writes nothing any more. What is read after an eviction went through JSON, as it does in SQLite.
 */
import type { Face } from "../../../../apps/control/src/lifecycle/face.ts";
import type {
  Commit,
  LifecycleStore,
  OutboxItem,
  TransitionRow,
} from "../../../../apps/control/src/lifecycle/lifecycle-store.ts";
import type { Life } from "../time/life.ts";

export interface StoredItem<Intent> extends OutboxItem<Intent> {
  intent: Intent;
  memo: string | null;
  attempts: number;
  nextAttemptAt: number;
  doneAt: number | null;
  lastError: string | null;
}

/** What stands on the disk of one object. */
export class LifecycleDisk<Facts, Intent> {
  facts: Facts | null = null;
  readonly transitions: TransitionRow[] = [];
  /** All that there ever were; the open ones also by themselves, in their order. */
  readonly outbox: StoredItem<Intent>[] = [];
  open: StoredItem<Intent>[] = [];
  readonly keys = new Set<string>();
}

export class WrittenByTheDead extends Error {
  override readonly name = "WrittenByTheDead";
}

export class MemoryLifecycleStore<Facts extends { readonly request: object }, Intent> implements Face<
  LifecycleStore<Facts, Intent>
> {
  readonly #disk: LifecycleDisk<Facts, Intent>;
  readonly #life: Life;
  readonly #onCommit: (before: Facts | null, commit: Commit<Facts, Intent>) => void;
  #facts: Facts | null = null;

  /** @param onCommit sees each commit after it was made. */
  constructor(
    disk: LifecycleDisk<Facts, Intent>,
    life: Life,
    whole: (stored: Facts) => Facts,
    onCommit: (before: Facts | null, commit: Commit<Facts, Intent>) => void,
  ) {
    this.#disk = disk;
    this.#life = life;
    this.#onCommit = onCommit;
    if (disk.facts !== null) this.#facts = whole(throughJson(disk.facts));
    for (const item of disk.open) item.intent = throughJson(item.intent);
  }

  load(): Facts | null {
    return this.#facts;
  }

  commit(commit: Commit<Facts, Intent>, extra: () => void): void {
    this.#requireLife();
    const { facts, transitions, intents, completes, now } = commit;
    const { keys, outbox, open } = this.#disk;
    const before = this.#disk.facts;
    for (const { key } of intents) if (keys.has(key)) throw new Error(`UNIQUE constraint failed: outbox.key ${key}`);
    const last = this.#disk.transitions.at(-1)?.version ?? 0;
    if (transitions.some(({ version }) => version <= last)) throw new Error("UNIQUE constraint failed: transitions");
    extra();
    const isNothing = facts === this.#facts && transitions.length + intents.length === 0 && completes === null;
    if (isNothing) return;
    this.#disk.facts = facts;
    this.#disk.transitions.push(
      ...transitions.map(({ version, from, to, at, cause }) => ({ version, from, to, at, cause })),
    );
    for (const { key, lane, intent } of intents) {
      keys.add(key);
      const attempt = { memo: null, attempts: 0, nextAttemptAt: now, doneAt: null, lastError: null };
      const item = { id: outbox.length + 1, key, lane, intent, ...attempt };
      outbox.push(item);
      open.push(item);
    }
    if (completes !== null) this.#markDone(completes, now);
    this.#facts = facts;
    this.#onCommit(before, commit);
  }

  transitions(): TransitionRow[] {
    return [...this.#disk.transitions];
  }

  dueHeads(now: number, busyLanes: readonly string[]): OutboxItem<Intent>[] {
    return this.#heads()
      .filter(({ lane, nextAttemptAt }) => !busyLanes.includes(lane) && nextAttemptAt <= now)
      .map((item) => ({ ...item }));
  }

  hasOpen(lane: string): boolean {
    return this.#disk.open.some((item) => item.lane === lane);
  }

  nextAttemptAt(): number | null {
    const times = this.#heads().map(({ nextAttemptAt }) => nextAttemptAt);
    return times.length === 0 ? null : Math.min(...times);
  }

  remember(id: number, memo: string): void {
    this.#requireLife();
    const item = this.#find(id);
    if (item !== undefined) item.memo = memo;
  }

  complete(id: number, now: number): void {
    this.#requireLife();
    this.#markDone(id, now);
  }

  postpone(item: OutboxItem<Intent>, nextAttemptAt: number, error: string): void {
    this.#requireLife();
    const stored = this.#find(item.id);
    if (stored === undefined) return;
    stored.attempts = item.attempts + 1;
    stored.nextAttemptAt = nextAttemptAt;
    stored.lastError = error.slice(0, 1000);
  }

  #heads(): StoredItem<Intent>[] {
    const lanes = new Set<string>();
    return this.#disk.open.filter(({ lane }) => {
      if (lanes.has(lane)) return false;
      lanes.add(lane);
      return true;
    });
  }

  #find(id: number): StoredItem<Intent> | undefined {
    return this.#disk.open.find((item) => item.id === id);
  }

  #markDone(id: number, now: number): void {
    const item = this.#disk.outbox[id - 1];
    if (item === undefined) return;
    item.doneAt = now;
    item.memo = null;
    this.#disk.open = this.#disk.open.filter((open) => open.id !== id);
  }

  #requireLife(): void {
    if (this.#life.isOver) throw new WrittenByTheDead(`${this.#life.name} is over, and writes`);
  }
}

function throughJson<Value>(value: Value): Value {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the same value, as JSON gives it back
  return JSON.parse(JSON.stringify(value)) as Value;
}
