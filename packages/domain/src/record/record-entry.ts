/**
 * A record is what a lifecycle object handled, event by event, each with the time it was decided at and what followed.
 * Events that change nothing but a clock (a beat, a poll that saw nothing new, another update of the agent) are not an
 * entry each: they are counted in a lull of the entry before them. Given the facts that it begins with, a record can be
 * decided again.
 */

/** Events of one kind behind an entry that moved a clock at most: how many, the first and the last of them. */
export interface Lull {
  /** The type of the event, `agent_update` for those of the VM agent, or `nothing_new` where it moved not even a clock. */
  readonly kind: string;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Of the agent's updates: their turn, and the seqs under which the VM agent reported the first and the last. */
  readonly turn: number | null;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
}

export interface RecordedTransition {
  readonly version: number;
  readonly from: string | null;
  readonly to: string;
  readonly cause: string;
}

/** What a decision came to, in short. The messages and effects themselves are kept elsewhere, once. */
export interface RecordedOutcome {
  readonly transitions: readonly RecordedTransition[];
  readonly effects: readonly { readonly key: string; readonly kind: string }[];
  /** `<author> <kind>` of each message, in their order. */
  readonly said: readonly string[];
}

/** @typeParam Stored facts as they are stored, perhaps by an older version. */
export interface RecordEntry<Event, Moment, Stored = unknown> {
  /** Contiguous from 1. */
  readonly position: number;
  /** The time that was given to the decision, in milliseconds since 1970. */
  readonly at: number;
  /** `begun`, or the event's type. */
  readonly type: string;
  /** Null for `begun`, and where it was not kept. */
  readonly event: Event | null;
  /** Why the event itself is not in the record; null where it is. */
  readonly notKept: string | null;
  /** The effect whose outcome the event is; null where it came from elsewhere. */
  readonly outcomeOf: number | null;
  readonly outcome: RecordedOutcome;
  /** The seqs of the messages that it said, the first and the last; null: none. */
  readonly messages: readonly [first: number, last: number] | null;
  /** The clocks and deadlines right after it. */
  readonly after: Moment;
  readonly lulls: readonly Lull[];
  /** The clocks and deadlines after the last event of its lulls; null without any. */
  readonly atLast: Moment | null;
  /** All facts right after it, so that a record whose beginning is gone can be decided again from here; mostly null. */
  readonly facts: Stored | null;
  /** The settings from here on; null: as before. */
  readonly settings: Readonly<Record<string, number>> | null;
}

/** An event of a lull, as far as the lull has to know it. */
export interface Quiet {
  readonly kind: string;
  readonly turn: number | null;
  readonly seq: number | null;
}

/** @returns the lulls with one more event in them. */
export function inLull(lulls: readonly Lull[], { kind, turn, seq }: Quiet, at: number): readonly Lull[] {
  const isSame = (lull: Lull) => lull.kind === kind && lull.turn === turn;
  if (!lulls.some(isSame)) {
    return [...lulls, { kind, count: 1, firstAt: at, lastAt: at, turn, firstSeq: seq, lastSeq: seq }];
  }
  return lulls.map((lull) => (isSame(lull) ? { ...lull, count: lull.count + 1, lastAt: at, lastSeq: seq } : lull));
}
