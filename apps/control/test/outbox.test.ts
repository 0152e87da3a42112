/** The outbox of a lifecycle object: bounded, though an object may live for months, and never without what is still owed. */
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/durable-sqlite";
import { describe, expect, it } from "vitest";

import { LifecycleStore, mostEffects, type NewIntent } from "../src/lifecycle/lifecycle-store.ts";
import { readEffects } from "../src/record/record-reader.ts";
import { newTaskId } from "./support/world.ts";

interface Note {
  readonly kind: string;
}

describe("what an object has carried out", () => {
  it("is kept as far as an export takes it, and what is owed for as long as it is", async () => {
    const object = env.TASK_RUNNER.getByName(newTaskId());
    await runInDurableObject(object, (_instance: unknown, { storage }) => {
      const database = drizzle(storage);
      const store = new LifecycleStore<{ readonly request: object }, Note>(database);
      const ask = (intents: readonly NewIntent<Note>[], now: number) => {
        store.commit({ facts: { request: {} }, transitions: [], intents, completes: null, now }, () => undefined);
      };
      const count = () => storage.sql.exec<{ n: number }>("SELECT count(*) AS n FROM outbox").one().n;
      const effect = (number: number) => ({ key: `effect-${number}`, lane: "node", intent: { kind: "note" } });
      ask([{ ...effect(0), lane: "owed" }], 0);
      const all = mostEffects + 500;
      for (let number = 1; number <= all; number += 1) {
        ask([effect(number)], number);
        const [head] = store.dueHeads(number, ["owed"]);
        if (head === undefined) throw new Error("nothing is due");
        store.complete(head.id, number);
      }
      expect(count()).toBeLessThanOrEqual(mostEffects + 251);
      expect(store.dueHeads(1e9, []).map(({ key }) => key)).toEqual(["effect-0"]);
      expect(store.hasOpen("owed")).toBe(true);
      const kept = readEffects(database).map(({ key }) => key);
      const newest = Array.from({ length: mostEffects }, (_, index) => `effect-${all - mostEffects + 1 + index}`);
      expect(kept).toEqual(["effect-0", ...newest]);
      storage.sql.exec("DELETE FROM outbox");
      storage.sql.exec("DELETE FROM facts");
    });
  });
});
