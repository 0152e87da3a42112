/**
 * How a transition is made (design, section 5): an event or the alarm → load the facts → decide, purely → one
 * transaction with the new facts, the transitions, an outbox row per effect and the next alarm → carry out the outbox,
 * each item by its key, until it is done. The engine knows no platform: Durable Object and simulator give it ports.
 */
import type { Outage } from "@sam/domain/outage";
import { redeliveryDelayMs } from "@sam/domain/retry";

import type { Face } from "./face.ts";
import type { LifecycleStore, NewIntent, OutboxItem, TransitionRow } from "./lifecycle-store.ts";

export interface Decision<Facts> {
  readonly facts: Facts;
  readonly transitions: readonly TransitionRow[];
}

/** What a decision was made about, and when. */
export interface Handled<Event> {
  /** Null: it began. */
  readonly event: Event | null;
  /** The time that was given to the decision. */
  readonly at: number;
  /** The outbox item whose outcome the event is. */
  readonly completes: number | null;
}

export interface EnginePorts<Facts extends { readonly request: object }, Event, Made extends Decision<Facts>, Intent> {
  readonly store: Face<LifecycleStore<Facts, Intent>>;
  readonly clock: () => number;
  readonly outages: readonly Outage[];
  readonly decide: (facts: Facts, event: Event, now: number) => Made;
  readonly afterOutages: (facts: Facts, outages: readonly Outage[]) => Facts;
  readonly nextLookAt: (facts: Facts) => number | null;
  /** The intents of a decision, the projections of its transitions first. */
  readonly intentsOf: (made: Made) => readonly NewIntent<Intent>[];
  /** Writes what else belongs to the decision, inside its transaction. */
  readonly writeExtra: (made: Made, handled: Handled<Event>) => void;
  /** Called after the commit: tell the browsers. */
  readonly committed: (made: Made) => void;
  /** Carries out one intent. What follows from it comes back as an event, committed together with its completion. */
  readonly carryOut: (item: OutboxItem<Intent>) => Promise<Event | null>;
  readonly setAlarm: (at: number | null) => void;
  readonly report: (what: string, error: unknown) => void;
}

/** While an effect is under way its redelivery is due this much later, in case the object dies with it. */
const inFlightMs = 3_000;

const restMs = 250;

/** After an alarm that failed the object looks again this much later. */
const mendMs = 30_000;

export class LifecycleEngine<Facts extends { readonly request: object }, Event, Made extends Decision<Facts>, Intent> {
  readonly #ports: EnginePorts<Facts, Event, Made, Intent>;
  readonly #busy = new Map<string, Promise<void>>();
  #armedFor: number | null = null;

  constructor(ports: EnginePorts<Facts, Event, Made, Intent>) {
    this.#ports = ports;
  }

  /** @returns the facts with the outages of the control plane taken into account, or null where nothing began. */
  facts(): Facts | null {
    const facts = this.#ports.store.load();
    return facts === null ? null : this.#ports.afterOutages(facts, this.#ports.outages);
  }

  /** Commits a decision that was made elsewhere, such as the first one. */
  commit(made: Made, handled: Handled<Event>): void {
    const { facts, transitions } = made;
    const { at: now, completes } = handled;
    const intents = this.#ports.intentsOf(made);
    this.#ports.store.commit({ facts, transitions, intents, completes, now }, () => {
      this.#ports.writeExtra(made, handled);
    });
    this.arm();
    this.#ports.committed(made);
  }

  /** Decides about an event and commits; the effects are carried out behind it. An object without facts ignores it. */
  handle(event: Event, completes: number | null = null): Facts | null {
    const facts = this.facts();
    if (facts === null) return null;
    const at = this.#ports.clock();
    const made = this.#ports.decide(facts, event, at);
    this.commit(made, { event, at, completes });
    void this.drain();
    return made.facts;
  }

  /** The alarm: look, carry out what is due, and always leave the next alarm set. Never throws. */
  async alarm(look: Event): Promise<void> {
    this.#armedFor = null;
    try {
      this.handle(look);
      await this.drain();
      this.#armedFor = null;
      this.arm();
    } catch (error) {
      this.#ports.report("alarm", error);
      // Whatever it was, it may be mended; an alarm that throws would be dropped for good after a few tries.
      this.#armedFor = null;
      this.#ports.setAlarm(this.#ports.clock() + mendMs);
    }
  }

  /** Carries out what is due, lane by lane, and resolves when nothing more is due now. */
  async drain(): Promise<void> {
    const heads = this.#ports.store.dueHeads(this.#ports.clock(), [...this.#busy.keys()]);
    for (const head of heads) this.#busy.set(head.lane, this.#drainLane(head));
    await Promise.all(this.#busy.values());
  }

  /** Carries out what is due and resolves when this lane has come to rest; the others go on behind it. */
  async settle(lane: string): Promise<void> {
    void this.drain();
    await this.#busy.get(lane);
  }

  /** @returns when there is something to do next: a look, or a try of the outbox; null where there is nothing. */
  nextAt(): number | null {
    const facts = this.facts();
    const lookAt = facts === null ? null : this.#ports.nextLookAt(facts);
    return earliest([lookAt, this.#ports.store.nextAttemptAt()]);
  }

  /**
   * Sets the alarm to the earliest of: the next look, the next try of the outbox. An alarm that is set for an earlier
   * time stands: it looks, finds nothing, and sets the next one.
   */
  arm(): void {
    const facts = this.facts();
    const now = this.#ports.clock();
    const outboxAt = this.#ports.store.nextAttemptAt();
    // What is due now is being carried out now; the alarm only stands behind it.
    const retryAt = outboxAt === null || outboxAt > now ? outboxAt : now + inFlightMs;
    const lookAt = facts === null ? null : this.#ports.nextLookAt(facts);
    // A look that is still due right after a look would be a loop without rest.
    const restedAt = lookAt === null || lookAt > now ? lookAt : now + restMs;
    const next = earliest([restedAt, retryAt]);
    if (next === this.#armedFor) return;
    if (next !== null && this.#armedFor !== null && this.#armedFor > now && this.#armedFor <= next) return;
    this.#armedFor = next;
    this.#ports.setAlarm(next);
  }

  async #drainLane(first: OutboxItem<Intent>): Promise<void> {
    const { store, clock } = this.#ports;
    const { lane } = first;
    try {
      let item: OutboxItem<Intent> | undefined = first;
      while (item !== undefined) {
        // One at a time: a lane keeps its order.
        if (!(await this.#deliver(item))) break;
        const others = [...this.#busy.keys()].filter((busy) => busy !== lane);
        item = store.dueHeads(clock(), others).find((head) => head.lane === lane);
      }
    } finally {
      this.#busy.delete(lane);
      this.arm();
    }
  }

  async #deliver(item: OutboxItem<Intent>): Promise<boolean> {
    const { store, clock, carryOut, report } = this.#ports;
    try {
      const event = await carryOut(item);
      if (event === null) store.complete(item.id, clock());
      else this.handle(event, item.id);
      return true;
    } catch (error) {
      report(`${item.lane} ${item.key}, try ${item.attempts + 1}`, error);
      store.postpone(item, clock() + redeliveryDelayMs(item.attempts), String(error));
      return false;
    }
  }
}

function earliest(times: readonly (number | null)[]): number | null {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
}
