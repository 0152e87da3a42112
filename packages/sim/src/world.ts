/** A world: one installation, its provider, its machines and its users, for the time of one schedule. */
import { isFinalNodeState } from "@sam/domain/node-lifecycle";
import { defaultSettings, type Settings } from "@sam/domain/settings";
import { isFinal } from "@sam/domain/task-lifecycle";
import { chance as chanceOf, type Chance } from "@sam/domain/testing/seeded";
import { userDataSchema } from "@sam/protocol/user-data";

import { Book } from "./book.ts";
import type { Canary, Replacements } from "./canaries/canary.ts";
import { Follower } from "./follower.ts";
import { Machine } from "./machine/machine.ts";
import { Remote } from "./machine/remote.ts";
import { speakOn } from "./machine/replaced-vm-agent.ts";
import { SimulatedProvider, type SimulatedServer } from "./machine/simulated-provider.ts";
import { startVmAgent } from "./machine/vm-agent.ts";
import { FaultGate } from "./network/fault-gate.ts";
import { describeProfile, drawProfile } from "./network/fault-profile.ts";
import { ControlPlane } from "./objects/control-plane.ts";
import { installationId } from "./objects/simulated-env.ts";
import { paceOf, type Pace } from "./pace.ts";
import type { D1Storage } from "./storage/simulated-d1.ts";
import { enterWorld } from "./time/globals.ts";
import { inScene } from "./time/life.ts";
import { VirtualTime } from "./time/virtual-time.ts";
import { Trace } from "./trace.ts";
import { User } from "./user.ts";

const second = 1_000;
const minute = 60 * second;

/** The lifecycles' times, shortened so that a life takes minutes: their order is that of the defaults. */
export const settings: Settings = {
  ...defaultSettings,
  nodeSelectionMs: 45 * second,
  capacityWaitMs: 6 * minute,
  provisioningMs: 2 * minute,
  nodeBootMs: 90 * second,
  workspaceCreationMs: 45 * second,
  workspaceProgressMs: 45 * second,
  workspaceReadyMs: 3 * minute,
  agentSessionMs: 40 * second,
  turnStallFlagMs: 30 * second,
  turnStallMs: 75 * second,
  modelFailingMs: 45 * second,
  turnMs: 5 * minute,
  awaitingInputMs: 4 * minute,
  awaitingReleaseMs: 45 * second,
  deliveryMs: 2 * minute,
  cancellingMs: 75 * second,
  nodeRequestMs: 75 * second,
  nodeDrainMs: 2 * minute,
  nodeDestroyMs: 2 * minute,
  warmMs: 45 * second,
  contactLostMs: 90 * second,
  savedWorkKeptMs: 30 * second,
  sweepGraceMs: 45 * second,
  ledgerPollMs: 2 * minute,
  ledgerGraceMs: 3 * minute,
  nodeTokenMs: 60 * minute,
  maxNodes: 2,
};

const startsAt = Date.UTC(2026, 0, 5, 14, 2);
/** How long things go wrong, and how long everything may then take to come to rest. */
const troubledMs = 4 * minute;
const restMs = 3 * 60 * minute;

export interface WorldOptions {
  readonly seed: number;
  readonly storage: D1Storage;
  readonly write: ((line: string) => void) | null;
  readonly canary: Canary | null;
}

export class World {
  readonly time = new VirtualTime(startsAt);
  readonly chance: Chance;
  readonly trace: Trace;
  readonly gate: FaultGate;
  readonly book: Book;
  readonly remote = new Remote();
  readonly provider: SimulatedProvider;
  readonly control: ControlPlane;
  readonly machines = new Map<string, Machine>();
  readonly users: User[] = [];
  readonly followers: Follower[] = [];
  readonly storage: D1Storage;
  isTroubled = true;
  readonly #replaced: Replacements;
  readonly #pace: Pace;

  constructor({ seed, storage, write, canary }: WorldOptions) {
    this.#replaced = canary?.replaces ?? {};
    this.chance = chanceOf(seed * 2_654_435_761);
    enterWorld(this.time, this.chance);
    storage.empty();
    this.storage = storage;
    const pace = paceOf(seed);
    this.#pace = pace;
    const profile = drawProfile(this.chance);
    this.trace = new Trace(this.time, write);
    this.trace.note(() => `seed ${seed}: ${describeProfile(profile)}`);
    this.book = new Book(this.trace);
    const { time, chance, trace } = this;
    this.gate = new FaultGate(time, chance, trace, profile);
    this.provider = new SimulatedProvider({
      time,
      gate: this.gate,
      chance,
      trace,
      book: this.book,
      installationId,
      otherCustomers: pace.otherCustomers,
      isWrittenDown: (nodeId) => (this.control.nodes.objects.get(nodeId)?.disk.lifecycle.facts ?? null) !== null,
      holdsUnsavedWork: ({ id }) => (this.machines.get(id)?.unsaved().length ?? 0) > 0,
      powered: (server) => this.#powered(server),
      unpowered: (server) => this.machines.get(server.id)?.destroy(),
    });
    const { gate, provider } = this;
    this.control = new ControlPlane({
      time,
      gate,
      chance,
      trace,
      book: this.book,
      storage,
      settings,
      pace,
      provider,
      replaced: this.#replaced,
    });
  }

  /** Lives through the whole schedule. @returns whether it came to rest in time. */
  async live(): Promise<boolean> {
    inScene(null, () => this.#begin());
    await this.time.pass(startsAt + troubledMs, () => false);
    this.#calm();
    return await this.time.pass(this.time.now + restMs, () => this.isAtRest());
  }

  /** Whatever still stands of it is given back. */
  end(): void {
    for (const machine of this.machines.values()) machine.destroy();
  }

  /** Nothing is under way, and whoever follows has been shown everything. */
  isAtRest(): boolean {
    for (const { taskId, lastSeq } of this.followers) {
      const { disk } = this.control.tasks.object(taskId);
      if (disk.lifecycle.facts !== null && lastSeq < disk.messages.length) return false;
    }
    for (const { disk } of this.control.tasks.objects.values()) {
      const { facts, open } = disk.lifecycle;
      if (facts !== null && (!isFinal(facts.step) || open.length > 0)) return false;
    }
    for (const { disk } of this.control.nodes.objects.values()) {
      const { facts, open } = disk.lifecycle;
      if (facts !== null && (!isFinalNodeState(facts.state) || open.length > 0)) return false;
    }
    return this.provider.standing.every(({ isForeign }) => isForeign);
  }

  #begin(): void {
    const { control, chance, book, trace } = this;
    const follow = (taskId: string) => {
      if (chance.next() < 0.3) this.followers.push(new Follower(taskId, control, this.gate));
    };
    const user = new User({ control, chance, book, trace, follow });
    this.users.push(user);
    for (let tasks = 1 + chance.below(3); tasks > 0; tasks -= 1) {
      this.time.after(chance.below(60 * second), () => void user.submit());
    }
    this.#everyMinute();
    this.#everySweep();
  }

  #everySweep(): void {
    this.time.after(minute, () => {
      this.control.runSweep();
      this.#everySweep();
    });
  }

  #everyMinute(): void {
    this.time.after(minute * this.chance.next(), () => {
      if (!this.isTroubled) return;
      this.#troubles();
      this.time.after(minute * (1 - 0.5 * this.chance.next()), () => this.#everyMinute());
    });
  }

  #troubles(): void {
    const { gate, chance, control } = this;
    for (const machine of this.machines.values()) {
      if (!machine.isOn) continue;
      if (gate.happens("machineDies")) {
        if (chance.next() < 0.6) machine.killVmAgent();
        else machine.cutPower();
      }
      if (gate.happens("speaksOn")) speakOn(machine, control);
      if (gate.happens("partitioned")) machine.partition(chance.below(2 * minute));
    }
    if (gate.happens("remoteAway")) this.#remoteAway();
    if (gate.happens("clockJumps") && !control.isOff) control.jumpAhead(chance.below(3 * minute));
    if (gate.happens("outage") && !control.isOff) this.#outage();
  }

  #remoteAway(): void {
    const { remote, time, chance, trace } = this;
    if (remote.isAway) return;
    trace.note(() => "the remote cannot be reached");
    remote.isAway = true;
    time.after(10_000 + chance.below(2 * minute), () => {
      remote.isAway = false;
    });
  }

  /** The whole control plane is off for a while; at home, the machines lose their power with it. */
  #outage(): void {
    const { control, chance } = this;
    const from = control.now;
    control.switchOff();
    if (chance.next() < 0.5) for (const machine of this.machines.values()) if (machine.isOn) machine.cutPower();
    this.time.after(1_000 + chance.below(3 * minute), () => control.switchOn(from));
  }

  /** Faults stop, the user goes home, and the world comes to rest by its own deadlines. */
  #calm(): void {
    this.trace.note(() => "from here on nothing goes wrong any more");
    this.isTroubled = false;
    this.gate.calm();
    for (const user of this.users) user.isGone = true;
    this.remote.isAway = false;
    for (const machine of this.machines.values()) machine.heal();
  }

  #powered(server: SimulatedServer): void {
    const { time, gate, chance, trace, book, remote } = this;
    const userData = userDataSchema.parse(JSON.parse(server.request.userData));
    const machine = new Machine(server.id, userData, {
      time,
      gate,
      chance,
      trace,
      book,
      remote,
      tendMs: this.#pace.tendMs,
      startVmAgent,
      dial: (here, token) => this.control.dial(here, token).agent,
      processesElsewhere: (here) =>
        [...this.machines.values()].flatMap((it) => (it === here ? [] : it.processes.filter(({ isAlive }) => isAlive))),
    });
    this.#replaced.machine?.(machine);
    this.machines.set(server.id, machine);
    machine.bootLater(500 + 8_000 * chance.next());
  }
}
