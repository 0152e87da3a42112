/** The life of one node in a test, as `task-life.ts` has it for a task. */
import { makeId, type TaskId } from "../ids.ts";
import { begin, decide, nextLookAt } from "../node-decision/decide.ts";
import type { NodeDecision, NodeEffect, NodeEvent, NodeTransition } from "../node-event.ts";
import type { NodeFacts, NodeRequest } from "../node-facts.ts";
import type { NodeState } from "../node-lifecycle.ts";
import { defaultSettings, type Settings } from "../settings.ts";
import { nodeId, startedAt, taskId, taskRequest } from "./task-life.ts";

export const otherTaskId: TaskId = makeId("task", `01J${"0".repeat(22)}Z`);

export const nodeRequest: NodeRequest = {
  nodeId,
  ownerId: taskRequest.ownerId,
  provider: "local",
  machineType: "local",
  location: "this-machine",
  slots: 2,
};

export class NodeLife {
  facts: NodeFacts;
  now = startedAt;
  readonly settings: Settings;
  readonly transitions: NodeTransition[] = [];
  readonly effects: { readonly key: string; readonly effect: NodeEffect }[] = [];

  constructor(settings: Partial<Settings> = {}) {
    this.settings = { ...defaultSettings, ...settings };
    const first = begin(nodeRequest, taskId, this.now, this.settings);
    this.facts = first.facts;
    this.#keep(first);
  }

  happens(event: NodeEvent, afterMs = 1_000): NodeDecision {
    this.now += afterMs;
    const decision = decide(this.facts, event, this.now, this.settings);
    this.#keep(decision);
    return decision;
  }

  looks(): NodeDecision {
    const at = nextLookAt(this.facts);
    if (at === null) throw new Error(`nothing is due in ${this.facts.state}`);
    return this.happens({ type: "look" }, Math.max(0, at - this.now));
  }

  looksUntil(holds: () => boolean): void {
    for (let looks = 0; !holds(); looks += 1) {
      if (looks > 2_000) throw new Error(`${this.facts.state} never came to that`);
      this.looks();
    }
  }

  get state(): NodeState {
    return this.facts.state;
  }

  get states(): readonly NodeState[] {
    return this.transitions.map((transition) => transition.to);
  }

  countOf(kind: NodeEffect["kind"]): number {
    return this.effects.filter(({ effect }) => effect.kind === kind).length;
  }

  #keep(decision: NodeDecision): void {
    this.facts = decision.facts;
    this.transitions.push(...decision.transitions);
    this.effects.push(...decision.effects);
  }
}

export function hello(bootId = "boot-one"): Extract<NodeEvent, { type: "hello" }> {
  const isolation = { processes: "bubblewrap", limits: "cgroup-v1", reasons: [] } as const;
  return { type: "hello", bootId, isolation, agents: ["runbook"] };
}

const roads: { readonly [State in Exclude<NodeState, "failed">]: (life: NodeLife) => void } = {
  requested: () => undefined,
  creating: (life) => life.happens({ type: "server_created", serverId: "7", status: "initializing" }),
  booting: (life) => life.happens({ type: "server_created", serverId: "7", status: "running" }),
  ready: (life) => {
    roads.booting(life);
    life.happens(hello());
  },
  warm: (life) => {
    roads.ready(life);
    life.happens({ type: "released", taskId });
  },
  draining: (life) => {
    roads.ready(life);
    life.happens({ type: "given_up", failure: "destroyed_by_owner", detail: "its owner asked for it" });
  },
  destroying: (life) => {
    roads.booting(life);
    life.happens({ type: "given_up", failure: "destroyed_by_owner", detail: "its owner asked for it" });
  },
  destroyed: (life) => {
    roads.destroying(life);
    life.happens({ type: "server_gone" });
  },
};

export const restingStates = [
  "requested",
  "creating",
  "booting",
  "ready",
  "warm",
  "draining",
  "destroying",
  "destroyed",
] as const satisfies readonly NodeState[];

/** A node that has come to this state, with one task on it where it can have one. `failed` is left as soon as entered. */
export function nodeIn(state: Exclude<NodeState, "failed">, settings: Partial<Settings> = {}): NodeLife {
  const life = new NodeLife(settings);
  roads[state](life);
  if (life.state !== state) throw new Error(`the road to ${state} ends in ${life.state}`);
  return life;
}
