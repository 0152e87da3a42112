/**
 * The launcher's door into the control plane: a second, tiny Worker beside it, on a socket and behind a secret of its
 * own, that runs SQL against D1 and ticks the schedule. Miniflare's own proxy would do the same for 50 MB more.
 */
import { randomBytes } from "node:crypto";

import { z } from "zod";

import { parseJson } from "../data-directory/files.ts";
import { exchange } from "../http/exchange.ts";

export const doorName = "sam-launcher-door";
const secretHeader = "x-sam-door";

export const doorSource = `
export default {
  async fetch(request, env) {
    if (request.headers.get("${secretHeader}") !== env.SECRET) return new Response(null, { status: 403 });
    const { statements, cron } = await request.json();
    try {
      if (cron !== undefined) {
        return Response.json(await env.CONTROL.scheduled({ cron, scheduledTime: new Date() }));
      }
      const prepared = statements.map(({ sql, values }) => env.DB.prepare(sql).bind(...values));
      return Response.json((await env.DB.batch(prepared)).map(({ results }) => results));
    } catch (error) {
      return new Response(String(error?.message ?? error), { status: 500 });
    }
  },
};
`;

export interface Statement {
  readonly sql: string;
  readonly values: readonly (string | number | null)[];
}

export function statement(sql: string, ...values: (string | number | null)[]): Statement {
  return { sql, values };
}

const rowsSchema = z.array(z.array(z.record(z.string(), z.unknown())));
const outcomeSchema = z.object({ outcome: z.string() });

export class Door {
  readonly secret: string = randomBytes(32).toString("hex");
  #url: URL | null = null;

  /** Tells where the door's socket is; it changes whenever workerd starts again. */
  setUrl(url: URL): void {
    this.#url = url;
  }

  /** Runs the statements in one transaction. @returns the rows of each. */
  async batch(statements: readonly Statement[], timeoutMs = 30_000): Promise<readonly Record<string, unknown>[][]> {
    return rowsSchema.parse(parseJson(await this.#send({ statements }, timeoutMs)));
  }

  /** Ticks the schedule and waits until the Worker is done with it. Throws where the Worker did. */
  async tick(cron: string, timeoutMs: number): Promise<void> {
    const { outcome } = outcomeSchema.parse(parseJson(await this.#send({ cron }, timeoutMs)));
    if (outcome !== "ok") throw new Error(`the scheduled handler ended with outcome ${outcome}`);
  }

  async #send(body: unknown, timeoutMs: number): Promise<string> {
    if (this.#url === null) throw new Error("the control plane is not up");
    const headers = { [secretHeader]: this.secret };
    const answer = await exchange(this.#url, { method: "POST", headers, body: JSON.stringify(body), timeoutMs });
    if (answer.status === 200) return answer.text;
    throw new Error(answer.text === "" ? `the control plane answered ${answer.status}` : answer.text);
  }
}
