/**
 * Kept homes are the homes and state folders of agents whose task is over: a task that continues it finds the agent's
 * sessions there. They are bounded: what programs can fetch again is removed at once, and beyond the limits the homes that
 * were not used for longest go first. One that a task of this node works in is never touched.
 */
import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

import type { TaskId } from "@sam/domain/ids";
import { taskIdSchema } from "@sam/protocol/ids";

import type { DiskLayout } from "../boot/disk-layout.ts";
import { messageOf } from "../clipped-text.ts";
import { nullIfMissing } from "../errno.ts";
import { treeSize } from "../install/tree-size.ts";
import { logFact } from "../log.ts";
import { homeOf, type TaskRecords } from "../store/task-records.ts";
import { removeFolder } from "../workspace/remove-folder.ts";

export interface HomeLimits {
  readonly maxHomes: number;
  readonly maxBytes: number;
}

export const defaultHomeLimits: HomeLimits = { maxHomes: 50, maxBytes: 2 * 1024 * 1024 * 1024 };

/** What package managers and agents fetch again where it is missing. */
const refetchable = [".cache", ".npm", ".bun"];

interface KeptHome {
  readonly taskId: TaskId;
  readonly folders: readonly string[];
  readonly usedAt: number;
}

export class KeptHomes {
  readonly #layout: DiskLayout;
  readonly #records: TaskRecords;
  readonly #limits: HomeLimits;
  #work: Promise<void> = Promise.resolve();

  constructor(layout: DiskLayout, records: TaskRecords, limits: HomeLimits = defaultHomeLimits) {
    this.#layout = layout;
    this.#records = records;
    this.#limits = limits;
  }

  /** Marks a home as used now. */
  touch(taskId: TaskId): void {
    this.#mark(taskId, new Date());
  }

  /** Removes a home for good, unless a task of this node works in it. */
  async remove(taskId: TaskId): Promise<void> {
    if (this.#isInUse(taskId)) return;
    for (const folder of this.#foldersOf(taskId)) await removeFolder(folder);
  }

  /** Brings what is kept within its limits, some time soon; nobody waits for it. */
  tend(): void {
    this.#work = this.#work
      .then(() => this.#tend())
      .catch((error: unknown) => logFact("homes_not_tended", { error: messageOf(error) }));
  }

  /** Resolves when nothing is left to tend. */
  get settled(): Promise<void> {
    return this.#work;
  }

  async #tend(): Promise<void> {
    const kept = this.#kept();
    const sizes = new Map<TaskId, number>();
    for (const { taskId, folders, usedAt } of kept) {
      for (const name of refetchable) await removeFolder(join(this.#layout.home(taskId), name));
      // Tending is no use: what it removes would make every home look as if it was used just now.
      this.#mark(taskId, new Date(usedAt));
      let bytes = 0;
      for (const folder of folders) bytes += (await treeSize(folder)).bytes;
      sizes.set(taskId, bytes);
    }
    let bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
    let homes = kept.length;
    for (const { taskId } of kept.toSorted((left, right) => left.usedAt - right.usedAt)) {
      if (homes <= this.#limits.maxHomes && bytes <= this.#limits.maxBytes) return;
      await this.remove(taskId);
      logFact("home_forgotten", { taskId, bytes: sizes.get(taskId) ?? 0 });
      bytes -= sizes.get(taskId) ?? 0;
      homes -= 1;
    }
  }

  /** Those that no task of this node works in. */
  #kept(): KeptHome[] {
    const names = new Set(
      [this.#layout.homes, this.#layout.agentStates].flatMap(
        (folder) => nullIfMissing(() => readdirSync(folder)) ?? [],
      ),
    );
    return [...names].flatMap((name) => {
      const taskId = taskIdSchema.safeParse(name).data;
      if (taskId === undefined || this.#isInUse(taskId)) return [];
      const found = this.#foldersOf(taskId).flatMap((folder) => {
        const stats = nullIfMissing(() => statSync(folder));
        return stats === null ? [] : [{ folder, usedAt: stats.mtimeMs }];
      });
      const usedAt = Math.max(0, ...found.map((each) => each.usedAt));
      return [{ taskId, folders: found.map(({ folder }) => folder), usedAt }];
    });
  }

  #isInUse(home: TaskId): boolean {
    return [...this.#records.all()].some(([taskId, facts]) => {
      const isOpen = facts.life === "active" || facts.life === "ending";
      return isOpen && (taskId === home || homeOf(taskId, facts) === home);
    });
  }

  #mark(taskId: TaskId, usedAt: Date): void {
    for (const folder of this.#foldersOf(taskId)) nullIfMissing(() => utimesSync(folder, usedAt, usedAt));
  }

  #foldersOf(taskId: TaskId): string[] {
    return [this.#layout.home(taskId), this.#layout.agentState(taskId)];
  }
}
