/**
 * An errno is the operating system's own code for why a call failed, such as `ENOENT`. Decisions are made on it, never on
 * an error's text.
 */

/** @returns the errno of an error thrown by Node, or null where it has none. */
export function errnoOf(error: unknown): string | null {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return null;
}

/** @returns what `read` returns, or null where it fails with one of these errnos. Other errors go on. */
export function nullOn<Result>(errnos: readonly string[], read: () => Result): Result | null {
  try {
    return read();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== null && errnos.includes(errno)) return null;
    throw error;
  }
}

/** @returns the text of an error, for a log line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
