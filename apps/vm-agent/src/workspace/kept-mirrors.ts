/**
 * Kept mirrors are the mirrors that no task of this node works with: they make the next checkout of their repository quick.
 * They are bounded: beyond the limits those that were not fetched for longest go first. One that a workspace borrows from,
 * or that holds saved work, is never touched.
 */
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

import type { DiskLayout } from "../boot/disk-layout.ts";
import { messageOf } from "../clipped-text.ts";
import { nullIfMissing } from "../errno.ts";
import { treeSize } from "../install/tree-size.ts";
import { logFact } from "../log.ts";
import type { TaskRecords } from "../store/task-records.ts";
import { removeFolder } from "./remove-folder.ts";
import { isRealFolder } from "./untrusted-git-dir.ts";

export interface MirrorLimits {
  readonly maxMirrors: number;
  readonly maxBytes: number;
}

export const defaultMirrorLimits: MirrorLimits = { maxMirrors: 20, maxBytes: 10 * 1024 * 1024 * 1024 };

/** A mirror that is being removed is never taken for one. */
const goingSuffix = ".going";

export class KeptMirrors {
  readonly #layout: DiskLayout;
  readonly #records: TaskRecords;
  readonly #limits: MirrorLimits;
  #work: Promise<void> = Promise.resolve();

  constructor(layout: DiskLayout, records: TaskRecords, limits: MirrorLimits = defaultMirrorLimits) {
    this.#layout = layout;
    this.#records = records;
    this.#limits = limits;
  }

  /** Brings what is kept within its limits, some time soon; nobody waits for it. */
  tend(): void {
    this.#work = this.#work
      .then(() => this.#tend())
      .catch((error: unknown) => logFact("mirrors_not_tended", { error: messageOf(error) }));
  }

  /** Resolves when nothing is left to tend. */
  get settled(): Promise<void> {
    return this.#work;
  }

  async #tend(): Promise<void> {
    for (const name of readdirSync(this.#layout.mirrors)) {
      if (name.endsWith(goingSuffix)) await removeFolder(join(this.#layout.mirrors, name));
    }
    const sizes = new Map<string, number>();
    for (const mirror of this.#kept()) sizes.set(mirror, (await treeSize(mirror)).bytes);
    let bytes = [...sizes.values()].reduce((total, size) => total + size, 0);
    let mirrors = sizes.size;
    for (const mirror of [...sizes.keys()].toSorted((one, other) => fetchedAt(one) - fetchedAt(other))) {
      if (mirrors <= this.#limits.maxMirrors && bytes <= this.#limits.maxBytes) return;
      if (!(await this.#remove(mirror))) continue;
      logFact("mirror_forgotten", { mirror, bytes: sizes.get(mirror) ?? 0 });
      bytes -= sizes.get(mirror) ?? 0;
      mirrors -= 1;
    }
  }

  /** Out of its place in one step, before any task can begin to work with it. @returns whether it was there to remove. */
  async #remove(mirror: string): Promise<boolean> {
    if (!this.#kept().includes(mirror)) return false;
    const going = `${mirror}${goingSuffix}`;
    renameSync(mirror, going);
    await removeFolder(going);
    return true;
  }

  #kept(): string[] {
    const used = new Set(
      [...this.#records.all().values()].flatMap(({ life, workspace }) =>
        workspace !== null && (life === "active" || life === "ending")
          ? [this.#layout.mirror(workspace.repositoryUrl)]
          : [],
      ),
    );
    return readdirSync(this.#layout.mirrors)
      .filter((name) => name.endsWith(".git"))
      .map((name) => join(this.#layout.mirrors, name))
      .filter((mirror) => isRealFolder(mirror) && !used.has(mirror) && !holdsSavedWork(mirror));
  }
}

function holdsSavedWork(mirror: string): boolean {
  const saved = join(mirror, "refs/sam/wip");
  if (existsSync(saved) && readdirSync(saved).length > 0) return true;
  const packed = nullIfMissing(() => readFileSync(join(mirror, "packed-refs"), "utf8")) ?? "";
  return packed.includes(" refs/sam/wip/");
}

/** A fetch brings packs and refs. */
function fetchedAt(mirror: string): number {
  const places = [mirror, join(mirror, "objects/pack"), join(mirror, "packed-refs"), join(mirror, "refs/heads")];
  return Math.max(0, ...places.map((path) => nullIfMissing(() => statSync(path))?.mtimeMs ?? 0));
}
