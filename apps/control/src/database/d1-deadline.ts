/**
 * D1 as everyone here has it: each statement and each batch within a deadline, wherever it is run and however it is
 * awaited. Whoever is given `env` by the platform takes `DB` of it through this, and nothing else does.
 */
import type { Env } from "../env.ts";
import { within } from "../lifecycle/deadline.ts";

export const d1TimeoutMs = 10_000;

const bounded = new WeakMap<D1Database, D1Database>();
/** What D1 itself made of a statement: it takes no other in a batch. */
const originals = new WeakMap<D1PreparedStatement, D1PreparedStatement>();

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
      if (name === "prepare") return (query: string) => boundedStatement(inner.prepare(query));
      if (name === "batch") {
        return (statements: D1PreparedStatement[]) =>
          within("D1", d1TimeoutMs, inner.batch(statements.map((one) => originals.get(one) ?? one)));
      }
      return inTime(inner, name);
    },
  });
  bounded.set(database, made);
  return made;
}

function boundedStatement(statement: D1PreparedStatement): D1PreparedStatement {
  const made = new Proxy(statement, {
    get: (inner, name) =>
      name === "bind" ? (...values: unknown[]) => boundedStatement(inner.bind(...values)) : inTime(inner, name),
  });
  originals.set(made, statement);
  return made;
}

/** @returns a member; a method that gives a promise gives one that is settled in time. */
function inTime(inner: object, name: string | symbol): unknown {
  const member: unknown = Reflect.get(inner, name);
  if (typeof member !== "function") return member;
  return (...values: unknown[]): unknown => {
    const answer: unknown = Reflect.apply(member, inner, values);
    return answer instanceof Promise ? within("D1", d1TimeoutMs, answer) : answer;
  };
}
