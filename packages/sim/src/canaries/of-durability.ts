/** Canaries of durability: what steers a task lives in memory for a moment, or is overwritten by an older copy. */
import { instead, type Canary } from "./canary.ts";

const aYearMs = 365 * 24 * 3_600_000;
const triesInAll = 5;

export const ofDurability: readonly Canary[] = [
  {
    name: "guard-in-memory",
    breaks: "That a row is not overwritten by an older version is known in memory only, and not asked of the row.",
    rule: 5,
    replaces: {
      sql: (text) => text.replace('"tasks"."version" < excluded."version"', "true"),
      taskWorld: (world) => {
        let newest = 0;
        return instead(world, {
          project: async (row) => {
            if (row.version <= newest) return "not_newer";
            const outcome = await world.project(row);
            newest = row.version;
            return outcome;
          },
        });
      },
    },
  },
  {
    name: "intent-after-commit",
    breaks: "What a decision asks for is written a moment after the decision, and not with it.",
    rule: 2,
    replaces: {
      taskStore: (store) =>
        instead(store, {
          commit: (commit, extra) => {
            const { intents, now } = commit;
            store.commit({ ...commit, intents: [] }, extra);
            setTimeout(() => {
              const facts = store.load();
              if (facts === null) return;
              store.commit({ facts, transitions: [], intents, completes: null, now }, () => undefined);
            }, 5);
          },
        }),
    },
  },
  {
    name: "no-alarm-for-retries",
    breaks: "What is to be tried again is known to whoever tries it, and the alarm does not stand behind it.",
    rule: 3,
    replaces: { taskStore: (store) => instead(store, { nextAttemptAt: () => null }) },
  },
  {
    name: "counter-never-reset",
    breaks: "Tries are counted over the whole life of a task, and given up after the fifth.",
    rule: 2,
    replaces: {
      taskStore: (store) => {
        let tries = 0;
        return instead(store, {
          postpone: (item, at, error) => {
            tries += 1;
            store.postpone(item, tries > triesInAll ? at + aYearMs : at, error);
          },
        });
      },
    },
  },
  {
    name: "one-part-stops-the-sweep",
    breaks: "The parts of the sweep run one after the other, and the first one fails, so that none runs.",
    rule: 2,
    replaces: {
      sweep: (_env, now) => Promise.resolve({ at: now, parts: [] }),
    },
  },
];
