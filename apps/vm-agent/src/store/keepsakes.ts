/** Keepsakes are single values that outlive the process, such as the newest token. Values are never logged. */
import { z } from "zod";

import type { StateStore } from "./state-database.ts";

const tokenSchema = z.object({ token: z.string(), tokenExpiresAt: z.number().int() });
export type KeptToken = z.infer<typeof tokenSchema>;

export class Keepsakes {
  readonly #state: StateStore;

  constructor(state: StateStore) {
    this.#state = state;
  }

  /** The token that was last sent over the channel, or null. */
  token(): KeptToken | null {
    const row = this.#state.sql.prepare("SELECT value FROM keepsake WHERE name = 'token'").get();
    if (row === undefined) return null;
    return tokenSchema.parse(JSON.parse(z.object({ value: z.string() }).parse(row).value));
  }

  /** Resolves when it is on disk. */
  keepToken(token: KeptToken): Promise<void> {
    return this.#state.commit(() => {
      this.#state.sql
        .prepare("INSERT INTO keepsake (name, value) VALUES ('token', ?1) ON CONFLICT DO UPDATE SET value = ?1")
        .run(JSON.stringify(token));
    });
  }
}
