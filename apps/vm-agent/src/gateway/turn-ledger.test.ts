import type { ModelFailure } from "@sam/domain/model-calls";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { TurnLedger } from "./turn-ledger.ts";

const answerMs = 60_000;
const failure = (kind: ModelFailure["kind"]): ModelFailure => ({ kind, status: 500, detail: kind });

let said: string[] = [];
let ledger: TurnLedger;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  said = [];
  ledger = new TurnLedger(
    {
      onFailing: (turn, { kind }, failures) => said.push(`failing ${turn} ${kind} ${failures}`),
      onAnswering: (turn) => said.push(`answering ${turn}`),
    },
    answerMs,
  );
});
afterEach(() => vi.useRealTimers());

describe("a ledger", () => {
  it("says the first failure of a row, another kind, and the success after it, and sums up the turn", () => {
    ledger.begin(3);
    ledger.open().succeeded();
    for (const kind of ["unavailable", "unavailable", "rate_limited"] as const) ledger.open().failed(failure(kind));
    ledger.open().succeeded();
    ledger.open().failed(failure("unavailable"));
    expect(said).toEqual([
      "failing 3 unavailable 1",
      "failing 3 rate_limited 3",
      "answering 3",
      "failing 3 unavailable 1",
    ]);
    expect(ledger.end()).toEqual({ calls: 6, failedCalls: 4, lastFailure: failure("unavailable") });
    expect(ledger.end()).toBeNull();
  });

  it("takes the call that began last for the last one, though another ends later", () => {
    ledger.begin(1);
    const title = ledger.open();
    const work = ledger.open();
    work.succeeded();
    title.failed(failure("not_found"));
    expect(ledger.end()).toMatchObject({ lastFailure: null });
  });

  it("counts an answer as good of which the end has not come when the turn ends", () => {
    ledger.begin(1);
    ledger.open().failed(failure("unavailable"));
    const last = ledger.open();
    last.heard(true);
    expect(ledger.end()).toEqual({ calls: 2, failedCalls: 1, lastFailure: null });
    last.succeeded();
    expect(said).toEqual(["failing 1 unavailable 1", "answering 1"]);
  });

  it("says that the model answers once a long answer comes in, not only at its end", () => {
    ledger.begin(1);
    ledger.open().failed(failure("unavailable"));
    const long = ledger.open();
    long.heard(true);
    long.flowing();
    expect(said).toEqual(["failing 1 unavailable 1", "answering 1"]);
  });

  it("counts what ends early after a cancel as no failure, and what belongs to no turn not at all", () => {
    ledger.open().failed(failure("unavailable"));
    ledger.begin(1);
    const call = ledger.open();
    ledger.noteCancel();
    call.failed(failure("unavailable"));
    ledger.open().abandoned();
    vi.advanceTimersByTime(10 * answerMs);
    expect(ledger.end()).toEqual({ calls: 2, failedCalls: 0, lastFailure: null });
    expect(said).toEqual([]);
  });
});

describe("silence", () => {
  it("is a failure after its limit, once, and over when an answer comes", () => {
    ledger.begin(1);
    const call = ledger.open();
    vi.advanceTimersByTime(answerMs - 1);
    expect(said).toEqual([]);
    vi.advanceTimersByTime(10 * answerMs);
    expect(said).toEqual(["failing 1 no_answer 1"]);
    call.heard(true);
    call.succeeded();
    expect(said).toEqual(["failing 1 no_answer 1", "answering 1"]);
    expect(ledger.end()).toEqual({ calls: 1, failedCalls: 0, lastFailure: null });
  });

  it("is none while bytes come, and is one in the midst of an answer", () => {
    ledger.begin(1);
    const call = ledger.open();
    for (let count = 0; count < 10; count += 1) {
      vi.advanceTimersByTime(answerMs * 0.9);
      call.heard(true);
    }
    expect(said).toEqual([]);
    vi.advanceTimersByTime(2 * answerMs);
    expect(said).toEqual(["failing 1 no_answer 1"]);
  });

  it("is what remains where the turn ends in it", () => {
    ledger.begin(1);
    ledger.open();
    vi.advanceTimersByTime(2 * answerMs);
    expect(ledger.end()).toMatchObject({ calls: 1, failedCalls: 1, lastFailure: { kind: "no_answer", status: null } });
  });

  it("that the agent itself gave up on is a failure; a call that it dropped at once is none", () => {
    ledger.begin(1);
    ledger.open().abandoned();
    expect(said).toEqual([]);
    const call = ledger.open();
    vi.advanceTimersByTime(30_000);
    call.abandoned();
    expect(said).toEqual(["failing 1 no_answer 1"]);
    expect(ledger.end()).toMatchObject({ calls: 2, failedCalls: 1, lastFailure: { kind: "no_answer" } });
  });
});
