/**
 * Hosts the Durable Objects of one class, as workerd does: an object wakes when it is asked, its storage, alarm and
 * hibernated sockets outlive it, and it may be evicted or aborted between any two lines. Alarms come at least once:
 * overdue ones fire at the start, and one that throws is run again seven times in all, then dropped.
 */
import type { Alarm } from "../../../../apps/control/src/lifecycle/alarm.ts";
import { asError, CallLost, objectCall, type FaultGate } from "../network/fault-gate.ts";
import { inScene, Life } from "../time/life.ts";
import type { Timer, VirtualTime } from "../time/virtual-time.ts";
import { short, type Trace } from "../trace.ts";

/** What every logic has. */
export interface ObjectLogic {
  alarm(): Promise<void>;
  wake?(): Promise<void>;
}

interface Incarnation<Logic> {
  readonly life: Life;
  readonly logic: Logic;
  readonly ready: Promise<void>;
  isReady: boolean;
  /** Told when it is over: whoever waits for an answer of it. */
  readonly waiting: Set<() => void>;
}

export interface HostedObject<Logic, Disk> {
  readonly id: string;
  readonly disk: Disk;
  alarmAt: number | null;
  alarmTries: number;
  timer: Timer | null;
  incarnation: Incarnation<Logic> | null;
  incarnations: number;
}

export interface HostPorts<Logic, Disk> {
  readonly time: VirtualTime;
  readonly gate: FaultGate;
  readonly trace: Trace;
  readonly newDisk: () => Disk;
  readonly start: (object: HostedObject<Logic, Disk>, life: Life, alarm: Alarm) => Logic;
  /** What the control plane's clock is ahead of the world's. */
  readonly clockAheadMs: () => number;
  /** Its memory is gone; `aborted`: its sockets as well. */
  readonly ended: (object: HostedObject<Logic, Disk>, aborted: boolean) => void;
}

const alarmTriesAtMost = 7;

export class ObjectHost<Logic extends ObjectLogic, Disk> {
  readonly objects = new Map<string, HostedObject<Logic, Disk>>();
  /** The whole control plane is off. */
  isOff = false;
  readonly #ports: HostPorts<Logic, Disk>;

  constructor(ports: HostPorts<Logic, Disk>) {
    this.#ports = ports;
  }

  object(id: string): HostedObject<Logic, Disk> {
    const known = this.objects.get(id);
    if (known !== undefined) return known;
    const none = { alarmAt: null, alarmTries: 0, timer: null, incarnation: null, incarnations: 0 };
    const made = { id, disk: this.#ports.newDisk(), ...none };
    this.objects.set(id, made);
    return made;
  }

  /** A call of another object, or of a request, over the network. */
  call<Value>(id: string, name: string, act: (logic: Logic) => Value | Promise<Value>): Promise<Value> {
    return this.#ports.gate.pass(
      () => `${name} of ${short(id)}`,
      objectCall,
      () => {
        if (this.#ports.gate.happens("evicted")) this.end(id, false);
        return this.deliver(id, name, act);
      },
    );
  }

  /** @throws CallLost where the object is over before it has answered. */
  async deliver<Value>(id: string, name: string, act: (logic: Logic) => Value | Promise<Value>): Promise<Value> {
    if (this.isOff) throw new CallLost("the control plane is off");
    const object = this.object(id);
    const incarnation = object.incarnation ?? this.#wake(object);
    const { life, logic } = incarnation;
    if (!incarnation.isReady && !life.isOver) await answerOf(incarnation, id, incarnation.ready);
    if (life.isOver) throw new CallLost(`${id} was reset`);
    const scene = { life, call: name };
    return await answerOf(
      incarnation,
      id,
      inScene(scene, async () => act(logic)),
    );
  }

  /** Its memory is gone. @param aborted in the middle of what it does, with its sockets. */
  end(id: string, aborted: boolean): void {
    const object = this.objects.get(id);
    const incarnation = object?.incarnation ?? null;
    if (object === undefined || incarnation === null) return;
    this.#ports.trace.note(() => `${short(id)} is ${aborted ? "aborted" : "evicted"}`);
    if (!aborted) incarnation.life.end();
    else this.#abort(object, incarnation);
  }

  /** Everything ends at once, the sockets of those that sleep as well; nothing wakes before `switchOn`. */
  switchOff(): void {
    this.isOff = true;
    for (const object of this.objects.values()) {
      object.incarnation?.life.end();
      this.#ports.ended(object, true);
      this.#disarm(object);
    }
  }

  switchOn(): void {
    this.isOff = false;
    this.rearm();
  }

  /** The clock was moved: alarms are due by it. */
  rearm(): void {
    for (const object of this.objects.values()) this.#arm(object);
  }

  #abort(object: HostedObject<Logic, Disk>, incarnation: Incarnation<Logic>): void {
    incarnation.life.end();
    this.#ports.ended(object, true);
  }

  #wake(object: HostedObject<Logic, Disk>): Incarnation<Logic> {
    const { start, clockAheadMs } = this.#ports;
    object.incarnations += 1;
    const life = new Life(`${short(object.id)}#${object.incarnations}`, clockAheadMs);
    const waiting = new Set<() => void>();
    life.whenOver(() => {
      if (object.incarnation?.life === life) object.incarnation = null;
      for (const tell of waiting) tell();
    });
    const logic = inScene({ life, call: "wake" }, () => start(object, life, this.#alarmOf(object, life)));
    const ready = inScene({ life, call: "wake" }, async () => logic.wake?.());
    const incarnation: Incarnation<Logic> = { life, logic, ready, isReady: false, waiting };
    void ready.then(
      () => {
        incarnation.isReady = true;
      },
      () => undefined,
    );
    // It may die in the first line that it runs.
    if (!life.isOver) object.incarnation = incarnation;
    return incarnation;
  }

  #alarmOf(object: HostedObject<Logic, Disk>, life: Life): Alarm {
    return {
      get: () => Promise.resolve(object.alarmAt),
      set: (at) => {
        if (life.isOver) return;
        object.alarmAt = at;
        object.alarmTries = 0;
        this.#arm(object);
      },
    };
  }

  #disarm(object: HostedObject<Logic, Disk>): void {
    if (object.timer !== null) this.#ports.time.cancel(object.timer);
    object.timer = null;
  }

  #arm(object: HostedObject<Logic, Disk>): void {
    this.#disarm(object);
    if (object.alarmAt === null || this.isOff) return;
    const { time, clockAheadMs } = this.#ports;
    const inMs = object.alarmAt - clockAheadMs() - time.now;
    object.timer = inScene(null, () =>
      time.after(inMs, () => {
        object.timer = null;
        void this.#fire(object);
      }),
    );
  }

  async #fire(object: HostedObject<Logic, Disk>): Promise<void> {
    const { gate, trace, time, clockAheadMs } = this.#ports;
    if (gate.happens("evicted")) this.end(object.id, false);
    object.alarmAt = null;
    if (gate.happens("alarmLost")) {
      trace.note(() => `the alarm of ${short(object.id)} is lost`);
      return;
    }
    try {
      await this.deliver(object.id, "alarm", (logic) => logic.alarm());
      object.alarmTries = 0;
    } catch (error) {
      if (this.isOff) {
        object.alarmAt ??= time.now + clockAheadMs();
        return;
      }
      object.alarmTries += 1;
      trace.note(() => `the alarm of ${short(object.id)} failed, try ${object.alarmTries}: ${String(error)}`);
      if (object.alarmAt !== null || object.alarmTries >= alarmTriesAtMost) return;
      object.alarmAt = time.now + clockAheadMs() + 2_000 * 2 ** (object.alarmTries - 1);
      this.#arm(object);
    }
  }
}

/** @returns what `work` comes to. @throws CallLost where the incarnation is over before that. */
function answerOf<Value>({ waiting }: Incarnation<unknown>, id: string, work: Promise<Value>): Promise<Value> {
  return new Promise<Value>((resolve, reject) => {
    const lose = () => reject(new CallLost(`${id} was reset`));
    waiting.add(lose);
    work.then(
      (value) => {
        waiting.delete(lose);
        resolve(value);
      },
      (error: unknown) => {
        waiting.delete(lose);
        reject(asError(error));
      },
    );
  });
}
