/**
 * The ledger of a turn's model calls: how many there were, how many failed, and how the last one did. It says when calls
 * begin to fail and when one succeeds again; it never decides what follows from that.
 */
import type { ModelCalls, ModelFailure } from "@sam/domain/model-calls";

export interface LedgerListener {
  /** The first failure of a row, or one of another kind. */
  onFailing(turn: number, failure: ModelFailure, failures: number): void;
  /** A call succeeds after one that had failed. */
  onAnswering(turn: number): void;
}

/** One model call, as the gateway sees it. It ends once: well, badly, or because the agent went away. */
export interface CallEntry {
  /** Something of an answer has come; it is good so far, or it is not. */
  heard(isGood: boolean): void;
  /** An answer has come in for a while without a failure: it counts as one, though it is not at its end. */
  flowing(): void;
  succeeded(): void;
  failed(failure: ModelFailure): void;
  abandoned(): void;
}

interface Turn {
  readonly turn: number;
  calls: number;
  failedCalls: number;
  /** How the newest call ended of those that have. Newest by its beginning: calls may overtake each other. */
  last: { readonly index: number; readonly failure: ModelFailure | null };
  /** Failures since the last success. */
  row: { readonly failures: number; readonly kind: ModelFailure["kind"] } | null;
  isCancelled: boolean;
}

/** An agent that went away sooner without a byte had reasons of its own; later, it gave up waiting. */
const patienceMs = 10_000;
const nothing = () => undefined;
const outOfTurn: CallEntry = {
  heard: nothing,
  flowing: nothing,
  succeeded: nothing,
  failed: nothing,
  abandoned: nothing,
};

export class TurnLedger {
  readonly #listener: LedgerListener;
  readonly #answerMs: number;
  #turn: Turn | null = null;
  /** The calls that are on their way, with their numbers. */
  readonly #open = new Map<CallEntry, { readonly index: number; readonly isGood: () => boolean }>();
  /** When the last byte came, or else the first of the open calls began. */
  #heardAtMs = 0;
  #silence: NodeJS.Timeout | null = null;

  /** @param answerMs without a byte of any call for so long the model gives no answer. */
  constructor(listener: LedgerListener, answerMs: number) {
    this.#listener = listener;
    this.#answerMs = answerMs;
  }

  begin(turn: number): void {
    this.end();
    this.#turn = { turn, calls: 0, failedCalls: 0, last: { index: -1, failure: null }, row: null, isCancelled: false };
  }

  /** From now on a call that ends early was ended by us. */
  noteCancel(): void {
    if (this.#turn !== null) this.#turn.isCancelled = true;
  }

  /** @returns the sum of the turn; what is still on its way ends out of it. Null where no turn is on. */
  end(): ModelCalls | null {
    const turn = this.#turn;
    if (turn === null) return null;
    // The agent may have read the end of an answer before we have.
    for (const { index, isGood } of this.#open.values()) if (isGood()) this.#settle(turn, index, null);
    const { calls, last } = turn;
    const failedCalls = turn.failedCalls + (turn.row?.kind === "no_answer" ? this.#open.size : 0);
    this.#turn = null;
    this.#open.clear();
    this.#listen();
    return { calls, failedCalls, lastFailure: last.failure };
  }

  /** A model call begins. */
  open(): CallEntry {
    const turn = this.#turn;
    if (turn === null) return outOfTurn;
    const index = turn.calls;
    turn.calls += 1;
    const startedMs = performance.now();
    let isHeard = false;
    let isGoodSoFar = false;
    const close = (failure: ModelFailure | null) => {
      if (!this.#open.has(entry)) return;
      this.#settle(turn, index, failure);
      this.#leave(entry);
    };
    const entry: CallEntry = {
      heard: (isGood) => {
        isHeard = true;
        isGoodSoFar = isGood;
        this.#heardAtMs = performance.now();
      },
      flowing: () => {
        if (this.#open.has(entry)) this.#answer(turn);
      },
      succeeded: () => close(null),
      failed: (failure) => (turn.isCancelled ? this.#leave(entry) : close(failure)),
      abandoned: () => {
        const waitedMs = performance.now() - startedMs;
        if (isHeard || turn.isCancelled || waitedMs < patienceMs) this.#leave(entry);
        else close(noAnswer(waitedMs));
      },
    };
    if (this.#open.size === 0) this.#heardAtMs = startedMs;
    this.#open.set(entry, { index, isGood: () => isGoodSoFar });
    this.#listen();
    return entry;
  }

  #leave(entry: CallEntry): void {
    this.#open.delete(entry);
    this.#listen();
  }

  #settle(turn: Turn, index: number, failure: ModelFailure | null): void {
    if (index >= turn.last.index) turn.last = { index, failure };
    if (failure === null) {
      this.#answer(turn);
      return;
    }
    turn.failedCalls += 1;
    this.#fail(turn, failure);
  }

  #answer(turn: Turn): void {
    if (turn.row !== null) this.#listener.onAnswering(turn.turn);
    turn.row = null;
  }

  #fail(turn: Turn, failure: ModelFailure): void {
    const before = turn.row;
    turn.row = { failures: (before?.failures ?? 0) + 1, kind: failure.kind };
    if (before?.kind !== failure.kind) this.#listener.onFailing(turn.turn, failure, turn.row.failures);
  }

  /** While calls are open somebody listens to their silence. */
  #listen(): void {
    if (this.#open.size === 0 && this.#silence !== null) {
      clearTimeout(this.#silence);
      this.#silence = null;
    } else if (this.#open.size > 0 && this.#silence === null) {
      const leftMs = this.#heardAtMs + this.#answerMs - performance.now();
      this.#silence = setTimeout(() => this.#onTime(), Math.max(1, leftMs));
    }
  }

  #onTime(): void {
    this.#silence = null;
    const turn = this.#turn;
    const silentMs = performance.now() - this.#heardAtMs;
    if (turn !== null && !turn.isCancelled && silentMs >= this.#answerMs && turn.row?.kind !== "no_answer") {
      // One of those that are open may still answer; then that is the newest fact.
      turn.last = {
        index: Math.min(...[...this.#open.values()].map(({ index }) => index)),
        failure: noAnswer(silentMs),
      };
      this.#fail(turn, noAnswer(silentMs));
    }
    if (silentMs >= this.#answerMs) this.#heardAtMs = performance.now();
    this.#listen();
  }
}

function noAnswer(waitedMs: number): ModelFailure {
  const seconds = Math.round(waitedMs / 100) / 10;
  return { kind: "no_answer", status: null, detail: `no byte of an answer came for ${seconds} s` };
}
