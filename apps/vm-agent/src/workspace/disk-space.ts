/** A disk is full when the kernel says that nothing (more than a crumb) is left of its blocks or its files. */
import { statfsSync } from "node:fs";

import { nullIfMissing } from "../errno.ts";

/** What a program may leave behind when the next block that it wanted was not there. */
const crumbBytes = 1024 * 1024;
const crumbFiles = 8;

export interface DiskSpace {
  readonly totalBytes: number;
  readonly freeBytes: number;
  readonly freeFiles: number | null;
}

/** @returns the space of the file system that `path` lies on, for this user. */
export function diskSpace(path: string): DiskSpace {
  const { bsize, blocks, bavail, files, ffree } = statfsSync(path);
  return {
    totalBytes: bsize * blocks,
    freeBytes: bsize * bavail,
    // Some file systems do not count files.
    freeFiles: files === 0 ? null : ffree,
  };
}

export function isFull(space: DiskSpace): boolean {
  return space.freeBytes < crumbBytes || (space.freeFiles !== null && space.freeFiles < crumbFiles);
}

/** Evidence of a disk that is full now. */
export function spaceLeft(path: string): string {
  const { freeBytes, totalBytes } = diskSpace(path);
  return `${path}: ${freeBytes} of ${totalBytes} bytes are free`;
}

/** Looks again and again while something is written, since a program that fails may tidy up before anybody can look. */
export class DiskWatch {
  readonly #paths: readonly string[];
  readonly #timer: NodeJS.Timeout;
  #fullest: string | null = null;

  constructor(paths: readonly string[], intervalMs = 50) {
    this.#paths = paths;
    this.#timer = setInterval(() => this.#look(), intervalMs);
    this.#timer.unref();
  }

  /** Ends the watch, each time it is asked. @returns evidence of a disk that was full at some moment, or null. */
  stop(): string | null {
    clearInterval(this.#timer);
    this.#look();
    return this.#fullest;
  }

  #look(): void {
    for (const path of this.#paths) {
      // Whoever removes the folder meanwhile has made room.
      const space = nullIfMissing(() => diskSpace(path));
      if (space !== null && isFull(space))
        this.#fullest ??= `${path}: ${space.freeBytes} of ${space.totalBytes} bytes were free`;
    }
  }
}
