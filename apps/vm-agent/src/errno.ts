/** The errno of a failed system call is a structure to decide by; its message is not. */

/** @returns `ENOENT`, `ENOSPC` and so on, or null where the error is not a system call's. */
export function errnoOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

/** Runs `look` and returns null where the file isn't there (or a part of its path is no directory). */
export function nullIfMissing<Value>(look: () => Value): Value | null {
  try {
    return look();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ENOTDIR") return null;
    throw error;
  }
}
