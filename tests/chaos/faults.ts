/**
 * The faults that a run throws in. A fault strikes somebody that is drawn, and may last a while: it then ends by itself.
 * Those of power (the launcher dies, everything is started again) come one at a time, since both start a system.
 */
import { setTimeout as sleep } from "node:timers/promises";

import type { Chance } from "@sam/domain/testing/seeded";

import { isAlive, type ProcessEntry } from "../system/support/process-table.ts";
import type { System } from "../system/support/system.ts";
import { agentsOf } from "./agents.ts";
import type { Network } from "./network.ts";
import type { SmallDisk } from "./small-disk.ts";

export interface Stricken {
  readonly system: System;
  readonly chance: Chance;
  /** Between the VM agents and the control plane. */
  readonly nodesNetwork: Network;
  readonly usersNetwork: Network;
  readonly disk: SmallDisk | null;
  /** Told of each fault once it is over. */
  readonly note: (line: string) => void;
  /** Starts the system, which is not up. */
  readonly up: () => Promise<void>;
}

export interface Fault {
  readonly name: string;
  readonly weight: number;
  readonly isOfPower: boolean;
  /** Resolves when it is over. @returns what it struck; null where there was nothing to strike. */
  readonly strike: (stricken: Stricken) => Promise<string | null>;
}

const lastingMs = (chance: Chance, least: number, most: number) => least + chance.below(most - least);

function signal({ pid }: Pick<ProcessEntry, "pid">, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It is gone already.
  }
}

function pickOrNull<Item>(chance: Chance, items: readonly Item[]): Item | null {
  return items.length === 0 ? null : chance.pick(items);
}

type Finder = (stricken: Stricken) => Pick<ProcessEntry, "pid" | "startTicks"> | null;

const victims = {
  launcher: ({ system }) => (system.has("launcher") ? system.processOf("launcher") : null),
  workerd: ({ system }) => (system.has("workerd") ? system.processOf("workerd") : null),
  "VM agent": ({ system, chance }) => {
    const nodes = system.belongings.nodes().map(({ vmAgent, first }) => vmAgent ?? first);
    return pickOrNull(
      chance,
      nodes.filter((one) => one !== null),
    );
  },
  agent: ({ system, chance }) => pickOrNull(chance, agentsOf(system.belongings.all())),
} as const satisfies Record<string, Finder>;

function kills(victim: keyof typeof victims, weight: number): Fault {
  return {
    name: `kill -9 of the ${victim}`,
    weight,
    isOfPower: false,
    strike: async (stricken) => {
      const found = victims[victim](stricken);
      if (found === null) return null;
      signal(found, "SIGKILL");
      return `pid ${found.pid}`;
    },
  };
}

function freezes(victim: keyof typeof victims, weight: number): Fault {
  return {
    name: `SIGSTOP of the ${victim}`,
    weight,
    isOfPower: false,
    strike: async (stricken) => {
      const found = victims[victim](stricken);
      if (found === null) return null;
      const forMs = lastingMs(stricken.chance, 500, 6_000);
      signal(found, "SIGSTOP");
      await sleep(forMs);
      if (isAlive(found)) signal(found, "SIGCONT");
      return `pid ${found.pid} for ${forMs} ms`;
    },
  };
}

/** @param begin makes it, and returns what ends it. */
function lasts(name: string, weight: number, begin: (stricken: Stricken) => (() => void) | null): Fault {
  return {
    name,
    weight,
    isOfPower: false,
    strike: async (stricken) => {
      const forMs = lastingMs(stricken.chance, 1_000, 6_000);
      const end = begin(stricken);
      if (end === null) return null;
      await sleep(forMs);
      end();
      return `for ${forMs} ms`;
    },
  };
}

const powerCut: Fault = {
  name: "kill -9 of the launcher, and another start",
  weight: 3,
  isOfPower: true,
  strike: async ({ system, chance, up }) => {
    const launcher = system.processOf("launcher");
    signal(launcher, "SIGKILL");
    await system.untilNothingRemains(15_000);
    const offMs = chance.below(3_000);
    await sleep(offMs);
    await up();
    return `pid ${launcher.pid}, off for ${offMs} ms`;
  },
};

const restart: Fault = {
  name: "sam down, and sam up",
  weight: 1,
  isOfPower: true,
  strike: async ({ system, up }) => {
    const { exitCode, output } = await system.down();
    if (exitCode !== 0) throw new Error(`sam down exited with ${exitCode}: ${output}`);
    await system.untilNothingRemains(15_000);
    await up();
    return "in order";
  },
};

const fullDisk = lasts("the disk of the nodes is full", 1, ({ disk }) => disk?.fill() ?? null);

const faults: readonly Fault[] = [
  powerCut,
  restart,
  kills("workerd", 4),
  kills("VM agent", 5),
  kills("agent", 5),
  freezes("launcher", 1),
  freezes("workerd", 2),
  freezes("VM agent", 3),
  freezes("agent", 3),
  {
    name: "every socket of the VM agents is cut",
    weight: 5,
    isOfPower: false,
    strike: async ({ nodesNetwork }) => `${nodesNetwork.cut()} sockets`,
  },
  {
    name: "every socket of the users is cut",
    weight: 5,
    isOfPower: false,
    strike: async ({ usersNetwork }) => `${usersNetwork.cut()} sockets`,
  },
  lasts("no VM agent reaches the control plane", 3, ({ nodesNetwork }) => nodesNetwork.part()),
  lasts("not a byte between VM agents and control plane", 3, ({ nodesNetwork }) => nodesNetwork.stall()),
  lasts("not a byte between users and control plane", 2, ({ usersNetwork }) => usersNetwork.stall()),
  fullDisk,
];

/** Faults are drawn from it by their weights, and two times in three one that has not struck yet. */
export class Deck {
  readonly #chance: Chance;
  readonly #unstruck: Set<Fault>;
  readonly #weighted: readonly Fault[];

  constructor({ chance, disk }: Pick<Stricken, "chance" | "disk">) {
    const possible = faults.filter((fault) => fault !== fullDisk || disk !== null);
    this.#chance = chance;
    this.#unstruck = new Set(possible);
    this.#weighted = possible.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));
  }

  draw(): Fault {
    const isNew = this.#unstruck.size > 0 && this.#chance.below(3) > 0;
    return this.#chance.pick(isNew ? [...this.#unstruck] : this.#weighted);
  }

  hasStruck(fault: Fault): void {
    this.#unstruck.delete(fault);
  }

  /** Whether there are faults that have not struck yet. */
  hasMore(): boolean {
    return this.#unstruck.size > 0;
  }
}
