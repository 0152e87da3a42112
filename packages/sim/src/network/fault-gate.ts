/**
 * The fault gate: every call that leaves its caller's memory passes here, and may be slow, refused, lost on either way,
 * or the last thing that its caller ever does.
 */
import type { Chance } from "@sam/domain/testing/seeded";

import { inScene, never, sceneNow, type Scene } from "../time/life.ts";
import type { VirtualTime } from "../time/virtual-time.ts";
import type { Trace } from "../trace.ts";
import { noFaults, type FaultProfile } from "./fault-profile.ts";

/** What became of a call that failed on its way is not known to its caller. */
export class CallLost extends Error {
  override readonly name = "CallLost";
}

/** How a kind of call goes wrong: the probability that it is refused, that it or its reply is lost. */
export interface CallKind {
  readonly refused: keyof FaultProfile | null;
  readonly lost: keyof FaultProfile | null;
}

export const d1Call: CallKind = { refused: "d1Refuses", lost: "d1LosesReply" };
export const objectCall: CallKind = { refused: null, lost: "callLost" };
export const providerCall: CallKind = { refused: null, lost: null };

const usualMs = 12;
const slowMs = 15_000;

export class FaultGate {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #trace: Trace;
  profile: FaultProfile;

  constructor(time: VirtualTime, chance: Chance, trace: Trace, profile: FaultProfile) {
    this.#time = time;
    this.#chance = chance;
    this.#trace = trace;
    this.profile = profile;
  }

  /** From now on nothing goes wrong any more. */
  calm(): void {
    this.profile = noFaults;
  }

  happens(fault: keyof FaultProfile): boolean {
    const rate = this.profile[fault];
    return rate > 0 && this.#chance.next() < rate;
  }

  /** How long something takes on its way. */
  delayMs(): number {
    if (this.happens("slow")) return slowMs * this.#chance.next();
    return this.#chance.below(4) === 0 ? usualMs * this.#chance.next() : 0;
  }

  /** @param what it is, for the trace and for errors. @param effect is done at the other end, where the call arrives. */
  pass<Value>(what: () => string, kind: CallKind, effect: () => Value | Promise<Value>): Promise<Value> {
    const scene = sceneNow();
    if (scene?.life.isOver === true) return never();
    const isAborted = scene !== null && this.happens("aborted");
    if (isAborted && this.#chance.next() < 0.5) {
      this.#trace.note(() => `dies before ${what()}`);
      scene.life.end();
      return never();
    }
    if (kind.refused !== null && this.happens(kind.refused)) {
      this.#trace.note(() => `${what()} is refused`);
      return this.#later(scene, () => Promise.reject(new CallLost(`${what()} was refused`)));
    }
    const isLost = kind.lost !== null && this.happens(kind.lost);
    const arrives = !isLost || this.#chance.next() < 0.7;
    const done = arrives ? this.#arrive(what, effect) : never<Value>();
    if (isAborted) {
      this.#trace.note(() => `dies after it asked ${what()}`);
      done.catch(() => undefined);
      scene.life.end();
      return never();
    }
    return isLost ? this.#lose(scene, what, done) : this.#reply(scene, done);
  }

  /** The other end does it, whatever becomes of the caller. */
  #arrive<Value>(what: () => string, effect: () => Value | Promise<Value>): Promise<Value> {
    return inScene(null, () => {
      const delayMs = this.delayMs();
      if (delayMs === 0) return attempt(effect);
      return new Promise<Value>((resolve, reject) => {
        this.#time.after(delayMs, () => {
          if (delayMs > usualMs) this.#trace.note(() => `${what()} arrives ${(delayMs / 1_000).toFixed(1)} s late`);
          attempt(effect).then(resolve, reject);
        });
      });
    });
  }

  #lose<Value>(scene: Scene | null, what: () => string, done: Promise<Value>): Promise<Value> {
    done.catch(() => undefined);
    if (this.#chance.next() < 0.4) {
      this.#trace.note(() => `${what()} will never be answered`);
      return never();
    }
    this.#trace.note(() => `the reply to ${what()} will be lost`);
    const fail = () => Promise.reject(new CallLost(`the connection was lost: ${what()}`));
    return this.#later(scene, () => done.then(fail, fail));
  }

  #reply<Value>(scene: Scene | null, done: Promise<Value>): Promise<Value> {
    const delayMs = this.delayMs();
    if (delayMs === 0) return scene === null ? done : orNever(scene, done);
    return this.#later(scene, () => done, delayMs);
  }

  #later<Value>(scene: Scene | null, then: () => Promise<Value>, delayMs = this.delayMs()): Promise<Value> {
    const answer = then();
    return new Promise<Value>((resolve, reject) => {
      const settle = (act: () => void) => {
        this.#time.after(delayMs, () => {
          if (scene?.life.isOver !== true) act();
        });
      };
      answer.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(asError(error))),
      );
    });
  }
}

/** Whoever is over by then hears nothing. */
function orNever<Value>(scene: Scene, done: Promise<Value>): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    done.then(
      (value) => {
        if (!scene.life.isOver) resolve(value);
      },
      (error: unknown) => {
        if (!scene.life.isOver) reject(asError(error));
      },
    );
  });
}

function attempt<Value>(effect: () => Value | Promise<Value>): Promise<Value> {
  try {
    return Promise.resolve(effect());
  } catch (error) {
    return Promise.reject(asError(error));
  }
}

export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
