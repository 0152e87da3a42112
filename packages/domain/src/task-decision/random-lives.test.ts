/**
 * Random lives: whatever happens to a task, in whatever order and however often, the invariants hold; and once the world
 * answers again, it ends and holds nothing. A life that fails names its seed, and the seed repeats it.
 */
import { describe, expect, it } from "vitest";

import type { NodeTaskEvent } from "../node-task.ts";
import { permissionPolicies } from "../permission-policy.ts";
import { defaultSettings } from "../settings.ts";
import type { TaskEvent } from "../task-event.ts";
import type { TaskFacts } from "../task-facts.ts";
import { isFinal, type TaskStep } from "../task-lifecycle.ts";
import { chance, type Chance } from "../testing/seeded.ts";
import { alphabet } from "../testing/task-alphabet.ts";
import { breaches } from "../testing/task-invariants.ts";
import {
  agentReady,
  goodDelivery,
  node,
  released,
  startedAt,
  taskRequest,
  tornDown,
  turnEnded,
} from "../testing/task-life.ts";
import { begin, decide, nextLookAt } from "./decide.ts";

const lives = 2_000;
const eventsPerLife = 40;

class RandomLife {
  readonly seed: number;
  facts: TaskFacts;
  now = startedAt;
  readonly broken: string[] = [];
  readonly steps: TaskStep[] = [];
  #saidUpdates = 0;
  #sentUpdates = 0;
  readonly #chance: Chance;
  readonly #past: TaskEvent[] = [];

  constructor(seed: number) {
    this.seed = seed;
    this.#chance = chance(seed);
    const mode = this.#chance.pick(["task", "conversation"] as const);
    const permissionPolicy = this.#chance.pick(permissionPolicies);
    this.facts = begin({ ...taskRequest, mode, permissionPolicy }, startedAt, defaultSettings).facts;
  }

  live(): void {
    for (let events = 0; events < eventsPerLife; events += 1) this.#take(this.#anything());
  }

  /** Nobody says anything any more: the alarm alone leads to the end; then what is owed is answered. */
  end(): void {
    for (let looks = 0; !isFinal(this.facts.step); looks += 1) {
      if (looks > 1_000) throw new Error(`seed ${this.seed}: ${this.facts.step} does not end`);
      this.now = Math.max(this.now, nextLookAt(this.facts) ?? 0);
      this.#take({ type: "look" });
    }
    if (this.facts.selecting) this.#take({ type: "no_capacity", place: 1, why: "" });
    for (const event of tornDown) this.#take(this.#reported(event));
    if (this.facts.nodeId !== null) this.#take(released(this.facts.nodeId));
    if (this.facts.nodeId !== null) this.broken.push("a claim is left");
    if (this.#saidUpdates !== this.#sentUpdates) this.broken.push("an update of the agent was lost, or said twice");
  }

  #anything(): TaskEvent {
    const dice = this.#chance.next();
    this.now += this.#chance.pick([0, 10, 1_000, 30_000, 400_000, -2_000]);
    if (dice < 0.45) return this.#whatLeadsOn();
    if (dice < 0.55) {
      const due = this.#chance.pick([nextLookAt(this.facts), this.facts.progressDeadlineAt, this.facts.deadlineAt]);
      if (this.#chance.next() < 0.3) this.now = Math.max(this.now, due ?? 0);
      return { type: "look" };
    }
    if (dice < 0.7 && this.#past.length > 0) return this.#chance.pick(this.#past);
    return this.#chance.pick(alphabet(this.facts));
  }

  #whatLeadsOn(): TaskEvent {
    const { step, agent, turn, permission } = this.facts;
    const requestId = permission?.requestId ?? "q1";
    const byStep: Partial<Record<TaskStep, NodeTaskEvent>> = {
      workspace_creation: { type: "workspace_accepted" },
      workspace_ready: { type: "workspace_ready", baseCommit: "ba5e", baseBranch: "main", path: "/w" },
      agent_session: agentReady(agent?.incarnation ?? 1),
      running: agent?.state === "starting" ? agentReady(agent.incarnation, true) : turnEnded(turn?.number ?? 1),
      delivery: { type: "delivered", verdicts: goodDelivery },
    };
    const reported = byStep[step];
    if (reported !== undefined) return this.#reported(reported);
    if (step === "awaiting_input" && permission !== null) {
      return { type: "answered", requestId, optionId: "yes", by: "user" };
    }
    if (step === "awaiting_input" && turn?.running !== true)
      return { type: "follow_up", text: "More", interrupt: false, key: null };
    if (this.facts.nodeId === null) return { type: "node_claimed", node: node("ready") };
    return { type: "node_observed", node: node("ready") };
  }

  #reported(event: NodeTaskEvent): TaskEvent {
    return { type: "vm_agent", seq: this.facts.nodeEventSeq + 1, event };
  }

  #take(event: TaskEvent): void {
    const before = this.facts;
    const decision = decide(before, event, this.now, defaultSettings);
    for (const breach of breaches(before, event, decision, this.now)) this.broken.push(`${breach} (${event.type})`);
    if (event.type === "vm_agent") {
      if (event.seq > before.nodeEventSeq && event.event.type === "agent_update") this.#sentUpdates += 1;
      this.#past.push(event);
    }
    this.#saidUpdates += decision.messages.filter(({ author }) => author === "agent").length;
    this.facts = decision.facts;
    this.steps.push(decision.facts.step);
  }
}

describe("random lives", () => {
  it(`${lives} of them keep the invariants, end, and hold nothing afterwards`, () => {
    const broken: string[] = [];
    const visited = new Set<TaskStep>();
    for (let seed = 1; seed <= lives; seed += 1) {
      const life = new RandomLife(seed);
      life.live();
      life.end();
      for (const step of life.steps) visited.add(step);
      broken.push(...life.broken.map((breach) => `seed ${seed}: ${breach}`));
    }
    expect(broken.slice(0, 10)).toEqual([]);
    expect(visited.size).toBe(14);
  });
});
