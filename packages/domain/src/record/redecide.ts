/**
 * Deciding again: a record's events are given to the real decision, each at its own time, and what follows is held
 * against what was recorded. Where they differ, either the code has changed since or the facts were not what they seemed.
 */
import type { Outage } from "../outage.ts";
import type { Settings } from "../settings.ts";
import type { Lull, RecordedOutcome, RecordEntry } from "./record-entry.ts";

/** What two lifecycles have in common when their records are decided again. */
export interface Lifecycle<Facts, Event, Moment, Stored> {
  readonly begin: (at: number, settings: Settings) => Decided<Facts>;
  readonly decide: (facts: Facts, event: Event, at: number, settings: Settings) => Decided<Facts>;
  readonly afterOutages: (facts: Facts, outages: readonly Outage[]) => Facts;
  readonly momentOf: (facts: Facts) => Moment;
  /** The facts of an entry, made whole where an older version wrote them. */
  readonly whole: (stored: Stored) => Facts;
  /** What the events of lulls come to, as few events, each with its time. */
  readonly eventsOf: (lulls: readonly Lull[]) => readonly { readonly event: Event; readonly at: number }[];
  /** The facts with what the moment knows better. */
  readonly corrected: (facts: Facts, moment: Moment) => Facts;
  readonly outagesSeenUntil: (moment: Moment) => number;
}

export interface Decided<Facts> {
  readonly facts: Facts;
  readonly transitions: readonly {
    readonly version: number;
    readonly from: string | null;
    readonly to: string;
    readonly cause: string;
  }[];
  readonly effects: readonly { readonly key: string; readonly effect: { readonly kind: string } }[];
  readonly messages?: readonly { readonly author: string; readonly body: { readonly kind: string } }[];
}

/** One thing that came out otherwise than it was recorded. Both sides are JSON. */
export interface Difference {
  readonly position: number;
  readonly at: number;
  readonly type: string;
  readonly what: string;
  readonly recorded: string;
  readonly decided: string;
}

export interface Redecided {
  /** How many entries were decided again. */
  readonly decided: number;
  /** Entries that could not be, each with why. */
  readonly passedOver: readonly { readonly position: number; readonly at: number; readonly why: string }[];
  readonly differences: readonly Difference[];
}

/** @returns what a decision came to, in the short form in which a record keeps it. */
export function outcomeOf<Facts>({ transitions, effects, messages = [] }: Decided<Facts>): RecordedOutcome {
  return {
    transitions: transitions.map(({ version, from, to, cause }) => ({ version, from, to, cause })),
    effects: effects.map(({ key, effect }) => ({ key, kind: effect.kind })),
    said: messages.map(({ author, body }) => `${author} ${body.kind}`),
  };
}

export interface Redecidable<Facts, Event, Moment, Stored> {
  readonly entries: readonly RecordEntry<Event, Moment, Stored>[];
  /** Those that count until an entry says otherwise. */
  readonly settings: Settings;
  readonly outages: readonly Outage[];
  readonly lifecycle: Lifecycle<Facts, Event, Moment, Stored>;
  readonly seen?: Seen<Facts> | undefined;
}

/** Is told the facts as the record has them, moment by moment. */
export type Seen<Facts> = (at: number, facts: Facts) => void;

/** Decides every entry again. After a difference it goes on from what was recorded, so that one does not hide the next. */
export function redecide<Facts, Event, Moment extends object, Stored>(
  record: Redecidable<Facts, Event, Moment, Stored>,
): Redecided {
  const { lifecycle } = record;
  const passedOver: Redecided["passedOver"][number][] = [];
  const differences: Difference[] = [];
  let facts: Facts | null = null;
  let { settings } = record;
  let decided = 0;
  for (const entry of record.entries) {
    if (entry.settings !== null) settings = withSettings(settings, entry.settings);
    const made: Decided<Facts> | string = again(entry, facts, { ...record, settings });
    if (typeof made === "string") {
      passedOver.push({ position: entry.position, at: entry.at, why: made });
    } else {
      differences.push(...differencesOf(entry, outcomeOf(made), lifecycle.momentOf(made.facts)));
      decided += 1;
    }
    facts = factsAfter(entry, typeof made === "string" ? facts : made.facts, lifecycle);
    if (facts !== null) record.seen?.(entry.at, facts);
    if (facts === null || entry.atLast === null) continue;
    facts = throughLulls(entry, facts, lifecycle, settings);
    differences.push(...fieldDifferences({ ...entry, type: "lull" }, entry.atLast, lifecycle.momentOf(facts)));
    facts = lifecycle.corrected(facts, entry.atLast);
    record.seen?.(lastOf(entry), facts);
  }
  return { decided, passedOver, differences };
}

function withSettings(before: Settings, said: Readonly<Record<string, number>>): Settings {
  return { ...before, ...said };
}

function lastOf({ at, lulls }: RecordEntry<unknown, unknown>): number {
  return Math.max(at, ...lulls.map(({ lastAt }) => lastAt));
}

/** @returns the decision, or why there is none. */
function again<Facts, Event, Moment, Stored>(
  entry: RecordEntry<Event, Moment, Stored>,
  before: Facts | null,
  { lifecycle, settings, outages }: Redecidable<Facts, Event, Moment, Stored>,
): Decided<Facts> | string {
  // Which outages were known then, the entry says by itself.
  const known = outages.filter(({ to }) => to <= lifecycle.outagesSeenUntil(entry.after));
  try {
    if (entry.type === "begun") return lifecycle.begin(entry.at, settings);
    if (before === null) return "what came before it is not in the record";
    if (entry.event === null) return entry.notKept ?? "the event itself is not in the record";
    return lifecycle.decide(lifecycle.afterOutages(before, known), entry.event, entry.at, settings);
  } catch (error) {
    return `it cannot be decided: ${String(error)}`;
  }
}

/** Where the record has the facts themselves, they count; and where it has the moment alone, that does. */
function factsAfter<Facts, Event, Moment, Stored>(
  entry: RecordEntry<Event, Moment, Stored>,
  decided: Facts | null,
  { whole, corrected }: Lifecycle<Facts, Event, Moment, Stored>,
): Facts | null {
  if (entry.facts !== null) return whole(entry.facts);
  return decided === null ? null : corrected(decided, entry.after);
}

function throughLulls<Facts, Event, Moment, Stored>(
  { lulls }: RecordEntry<Event, Moment, Stored>,
  before: Facts,
  { eventsOf, decide }: Lifecycle<Facts, Event, Moment, Stored>,
  settings: Settings,
): Facts {
  return eventsOf(lulls).reduce((facts, { event, at }) => decide(facts, event, at, settings).facts, before);
}

type Place = Pick<Difference, "position" | "at" | "type">;

function differencesOf<Moment extends object>(
  entry: Place & { readonly outcome: RecordedOutcome; readonly after: Moment },
  outcome: RecordedOutcome,
  moment: Moment,
): Difference[] {
  return [...fieldDifferences(entry, entry.outcome, outcome), ...fieldDifferences(entry, entry.after, moment)];
}

/** What the recorded one does not name is not compared: an older version did not know it. */
function fieldDifferences({ position, at, type }: Place, recorded: object, decided: object): Difference[] {
  const now = new Map<string, unknown>(Object.entries(decided));
  return Object.entries(recorded).flatMap(([what, value]) => {
    const [was, is] = [canonical(value), canonical(now.get(what))];
    return was === is ? [] : [{ position, at, type, what, recorded: was, decided: is }];
  });
}

/** JSON whose names stand in their order, so that the same is the same text. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([name, own]) => `${JSON.stringify(name)}:${canonical(own)}`).join(",")}}`;
}
