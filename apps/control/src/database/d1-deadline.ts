/**
 * D1 as everyone here has it: each statement and each batch within a deadline, wherever it is run and however it is
 * awaited. Whoever is given `env` by the platform takes `DB` of it through this, and nothing else does.
 */
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";

export const d1TimeoutMs = 10_000;

const bounded = new WeakMap<D1Database, D1Database>();

/** @returns the same bindings, and a D1 that answers in time or throws DeadlineExceeded. */
export function withD1Deadlines(env: Env): Env {
  return new Proxy(env, {
    get: (inner, name) => {
      if (name === "DB") return boundedD1(inner.DB);
      const binding: unknown = Reflect.get(inner, name);
      return binding;
    },
  });
}

function boundedD1(database: D1Database): D1Database {
  const known = bounded.get(database);
  if (known !== undefined) return known;
  const made = new Proxy(database, {
    get: (inner, name) => {
      if (name === "prepare") return (query: string) => new BoundedStatement(inner.prepare(query));
      if (name === "batch") {
        return (statements: D1PreparedStatement[]) => inTime(inner.batch(statements.map(BoundedStatement.originalOf)));
      }
      const member: unknown = Reflect.get(inner, name);
      if (typeof member !== "function") return member;
      return (...values: unknown[]): unknown => {
        const answer: unknown = Reflect.apply(member, inner, values);
        return answer instanceof Promise ? inTime(answer) : answer;
      };
    },
  });
  bounded.set(database, made);
  return made;
}

class BoundedStatement implements D1PreparedStatement {
  readonly #inner: D1PreparedStatement;

  constructor(inner: D1PreparedStatement) {
    this.#inner = inner;
  }

  /** @returns what D1 itself made of a statement: it takes no other in a batch. */
  static originalOf(this: void, statement: D1PreparedStatement): D1PreparedStatement {
    return statement instanceof BoundedStatement ? statement.#inner : statement;
  }

  bind(...values: unknown[]): D1PreparedStatement {
    return new BoundedStatement(this.#inner.bind(...values));
  }

  first<T>(column?: string): Promise<T | null> {
    return inTime(column === undefined ? this.#inner.first<T>() : this.#inner.first<T>(column));
  }

  run<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    return inTime(this.#inner.run<T>());
  }

  all<T = Record<string, unknown>>(): Promise<D1Result<T>> {
    return inTime(this.#inner.all<T>());
  }

  raw<T = unknown[]>(options: { columnNames: true }): Promise<[string[], ...T[]]>;
  raw<T = unknown[]>(options?: { columnNames?: false }): Promise<T[]>;
  raw<T>(options?: { columnNames?: boolean }): Promise<T[] | [string[], ...T[]]> {
    if (options?.columnNames === true) return inTime(this.#inner.raw<T>({ columnNames: true }));
    return inTime(this.#inner.raw<T>());
  }
}

function inTime<Value>(answer: Promise<Value>): Promise<Value> {
  return within("D1", d1TimeoutMs, answer);
}
