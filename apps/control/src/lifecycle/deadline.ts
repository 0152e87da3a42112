/** Nothing in SAM waits without a deadline: a call that is not answered in time is an error like any other. */
export class DeadlineExceeded extends Error {
  constructor(what: string, timeoutMs: number) {
    super(`${what} was not answered within ${timeoutMs} ms`);
    this.name = "DeadlineExceeded";
  }
}

/** @returns what `work` resolves to; throws DeadlineExceeded after `timeoutMs`. The work itself is not undone. */
export function within<Value>(what: string, timeoutMs: number, work: PromiseLike<Value>): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DeadlineExceeded(what, timeoutMs));
    }, timeoutMs);
    Promise.resolve(work)
      .finally(() => clearTimeout(timer))
      .then(resolve, reject);
  });
}

/** @returns the deadline that an error comes from, also where a query's error stands around it; null where none does. */
export function deadlineIn(error: unknown): DeadlineExceeded | null {
  if (error instanceof DeadlineExceeded) return error;
  return error instanceof Error && error.cause !== undefined ? deadlineIn(error.cause) : null;
}
