/** One fetch at a time per mirror: whoever comes second waits, and then mostly finds nothing left to fetch. */
const tails = new Map<string, Promise<void>>();

/** Runs `work` alone among those with the same mirror. `onQueued` is told where it has to wait. */
export async function withMirrorLock<Result>(
  mirror: string,
  onQueued: () => void,
  work: () => Promise<Result>,
): Promise<Result> {
  const before = tails.get(mirror);
  const { promise, resolve } = Promise.withResolvers<void>();
  const tail = (before ?? Promise.resolve()).then(() => promise);
  tails.set(mirror, tail);
  try {
    if (before !== undefined) {
      onQueued();
      await before;
    }
    return await work();
  } finally {
    resolve();
    if (tails.get(mirror) === tail) tails.delete(mirror);
  }
}
