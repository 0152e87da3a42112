/** D1 as a network makes it: a write is made, and its reply is lost. */
import { env } from "cloudflare:workers";

const real = env.DB;

export function giveBackD1(): void {
  Object.assign(env, { DB: real });
}

/** The replies to the next writes of tasks' rows are lost. @returns how many were. */
export function loseReplies(count: number): () => number {
  let lost = 0;
  const loseNext = (): boolean => {
    if (lost >= count) return false;
    lost += 1;
    return true;
  };
  Object.assign(env, {
    DB: standIn(real, {
      prepare: (sql: string) => {
        const statement = real.prepare(sql);
        return sql.startsWith('insert into "tasks"') ? withLostReply(statement, loseNext) : statement;
      },
    }),
  });
  return () => lost;
}

function withLostReply(statement: D1PreparedStatement, loseNext: () => boolean): D1PreparedStatement {
  return standIn(statement, {
    bind: (...values: unknown[]) => withLostReply(statement.bind(...values), loseNext),
    run: async <Row>() => {
      const result = await statement.run<Row>();
      if (loseNext()) throw new Error("the reply was lost");
      return result;
    },
  });
}

/** The same object, with some of its methods replaced. */
function standIn<Target extends object>(target: Target, replaced: Partial<Target>): Target {
  return new Proxy(target, {
    get: (inner, name) => {
      if (Object.hasOwn(replaced, name)) return Reflect.get(replaced, name) as unknown;
      const value: unknown = Reflect.get(inner, name);
      return typeof value === "function"
        ? (...values: unknown[]) => Reflect.apply(value, inner, values) as unknown
        : value;
    },
  });
}
