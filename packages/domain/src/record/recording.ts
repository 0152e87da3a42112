/** How a record grows: what an event and its decision add to it, an entry of their own or one more in a lull. */
import { inLull, type Lull, type Quiet, type RecordedOutcome } from "./record-entry.ts";
import { outcomeOf, type Decided } from "./redecide.ts";

export interface RecordWords<Facts, Event, Moment> {
  readonly momentOf: (facts: Facts) => Moment;
  readonly quietOf: (event: Event, before: Moment, after: Moment) => Quiet | null;
}

/** The newest entry, as far as the next one has to know it. */
export interface Newest<Moment> {
  readonly lulls: readonly Lull[];
  /** After the last event of its lulls. */
  readonly moment: Moment;
}

export type Addition<Moment> =
  | { readonly kind: "lull"; readonly lulls: readonly Lull[]; readonly moment: Moment }
  | { readonly kind: "entry"; readonly outcome: RecordedOutcome; readonly moment: Moment };

/** @param event null: it began. @param newest null: there is no entry yet, or none whose lulls may grow. */
export function additionOf<Facts, Event, Moment>(
  words: RecordWords<Facts, Event, Moment>,
  newest: Newest<Moment> | null,
  { event, at }: { readonly event: Event | null; readonly at: number },
  made: Decided<Facts>,
): Addition<Moment> {
  const moment = words.momentOf(made.facts);
  const quiet =
    event === null || newest === null || !isPlain(made) ? null : words.quietOf(event, newest.moment, moment);
  if (newest === null || quiet === null) return { kind: "entry", outcome: outcomeOf(made), moment };
  return { kind: "lull", lulls: inLull(newest.lulls, quiet, at), moment };
}

/** It asked for nothing, and of its words only the agent's were said. */
function isPlain({ transitions, effects, messages = [] }: Decided<unknown>): boolean {
  return transitions.length === 0 && effects.length === 0 && messages.every(({ author }) => author === "agent");
}
