/**
 * What a node asked its provider, and what it replied. Kept without what is given to the machine in confidence, and
 * bounded: a poll that is answered like the one before it is counted.
 */
import type { ProviderCall } from "@sam/protocol/record";
import type { Provider } from "@sam/providers/provider";
import { ProviderError } from "@sam/providers/provider-error";
import { asc, desc, eq, lte } from "drizzle-orm";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";

import { providerCallsTable } from "./provider-call-tables.ts";

export const mostCalls = 300;
const mostReplyLength = 16_384;

type Note = Pick<ProviderCall, "call" | "asked" | "tookMs" | "failed" | "reply">;

export class ProviderCalls {
  readonly #database: DrizzleSqliteDODatabase;
  readonly #clock: () => number;

  constructor(database: DrizzleSqliteDODatabase, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @returns the same provider, whose every call leaves a line here, whatever becomes of it. */
  recording(provider: Provider): Provider {
    const attach = provider.attachRepository?.bind(provider);
    return {
      name: provider.name,
      // A catalog is the provider's, not this node's: how much it lists is enough.
      catalog: () =>
        this.#record("catalog", {}, provider.catalog(), ({ source, readAt, machineTypes }) => ({
          source,
          readAt,
          machineTypes: machineTypes.length,
        })),
      createServer: (request) => {
        const { userData: _confidential, ...asked } = request;
        return this.#record("createServer", asked, provider.createServer(request));
      },
      getServer: (id) => this.#record("getServer", { id }, provider.getServer(id)),
      listServers: (filter) => this.#record("listServers", filter, provider.listServers(filter)),
      destroyServer: (id) => this.#record("destroyServer", { id }, provider.destroyServer(id)),
      ...(attach === undefined
        ? {}
        : {
            attachRepository: (id: string, path: string) =>
              this.#record("attachRepository", { id, path }, attach(id, path)),
          }),
    };
  }

  async #record<Reply>(
    call: string,
    asked: object,
    work: Promise<Reply>,
    shown: (reply: Reply) => unknown = (reply) => reply ?? null,
  ): Promise<Reply> {
    const since = this.#clock();
    const note = (failed: boolean, reply: unknown) => {
      this.#note({ call, asked, tookMs: this.#clock() - since, failed, reply });
    };
    try {
      const reply = await work;
      note(false, shown(reply));
      return reply;
    } catch (error) {
      note(true, error instanceof ProviderError ? { code: error.code, message: error.message } : String(error));
      throw error;
    }
  }

  #note({ call, tookMs, failed, ...rest }: Note): void {
    const now = this.#clock();
    const [asked, reply] = [JSON.stringify(rest.asked), shortened(rest.reply)];
    const newest = this.#database.select().from(providerCallsTable).orderBy(desc(providerCallsTable.id)).limit(1).get();
    const isSame =
      newest?.call === call && newest.asked === asked && newest.failed === failed && newest.reply === reply;
    if (isSame) {
      const seen = { count: newest.count + 1, lastAt: now };
      this.#database.update(providerCallsTable).set(seen).where(eq(providerCallsTable.id, newest.id)).run();
      return;
    }
    const row = { at: now, lastAt: now, count: 1, call, asked, tookMs, failed, reply };
    this.#database.insert(providerCallsTable).values(row).run();
    const oldest = lte(providerCallsTable.id, (newest?.id ?? 0) + 1 - mostCalls);
    this.#database.delete(providerCallsTable).where(oldest).run();
  }
}

function shortened(reply: unknown): string {
  const text = JSON.stringify(reply);
  return text.length <= mostReplyLength ? text : JSON.stringify(`${text.slice(0, mostReplyLength)}…`);
}

export function readProviderCalls(database: DrizzleSqliteDODatabase): ProviderCall[] {
  return database
    .select()
    .from(providerCallsTable)
    .orderBy(asc(providerCallsTable.id))
    .all()
    .map(({ id: _id, asked, reply, ...row }) => ({ ...row, asked: parsed(asked), reply: parsed(reply) }));
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}
