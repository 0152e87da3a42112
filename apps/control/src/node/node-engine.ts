/** The NodeLifecycle's logic: the engine of section 5 with the decisions about a node, against ports. */
import { afterOutages, decide, nextLookAt } from "@sam/domain/node-decision/decide";
import type { NodeDecision, NodeEffect, NodeEvent } from "@sam/domain/node-event";
import type { NodeFacts } from "@sam/domain/node-facts";
import type { Outage } from "@sam/domain/outage";
import type { Settings } from "@sam/domain/settings";

import { within } from "../lifecycle/deadline.ts";
import type { Face } from "../lifecycle/face.ts";
import { LifecycleEngine } from "../lifecycle/lifecycle-engine.ts";
import type { LifecycleStore, NewIntent } from "../lifecycle/lifecycle-store.ts";
import type { NodeRecordLog } from "../record/node-record.ts";
import { carryOut, type NodeWorld } from "./node-effects.ts";
import { projectionOf, writeProjection, type NodeProjection } from "./node-projection.ts";

export type NodeIntent = NodeEffect | { readonly kind: "project"; readonly row: NodeProjection };
export type NodeEngine = LifecycleEngine<NodeFacts, NodeEvent, NodeDecision, NodeIntent>;

export interface NodeEngineOptions {
  readonly store: Face<LifecycleStore<NodeFacts, NodeIntent>>;
  readonly world: NodeWorld;
  /** Keeps what was handled, in the transaction of its decision; left out: nothing is kept. */
  readonly recorded?: NodeRecordLog["write"] | undefined;
  readonly settings: Settings;
  readonly outages: readonly Outage[];
  readonly clock: () => number;
  readonly setAlarm: (at: number | null) => void;
  readonly committed: (made: NodeDecision) => void;
  readonly report: (what: string, error: unknown) => void;
}

export const projectionLane = "projection";
const d1TimeoutMs = 10_000;

export function createNodeEngine(options: NodeEngineOptions): NodeEngine {
  const { store, world, recorded, settings, outages, clock, setAlarm, committed, report } = options;
  return new LifecycleEngine<NodeFacts, NodeEvent, NodeDecision, NodeIntent>({
    store,
    clock,
    outages,
    afterOutages,
    nextLookAt,
    decide: (facts, event, now) => decide(facts, event, now, settings),
    intentsOf: (made) => intentsOf(made, (lane) => store.hasOpen(lane)),
    writeExtra: (made, handled) => recorded?.(handled, made),
    committed,
    carryOut: async ({ intent }) => {
      const facts = store.load();
      if (facts === null) throw new Error("an effect without facts");
      if (intent.kind !== "project") return carryOut(intent, facts, world);
      await within("D1", d1TimeoutMs, writeProjection(world.database, intent.row));
      return null;
    },
    setAlarm,
    report,
  });
}

function intentsOf(made: NodeDecision, isBusy: (lane: string) => boolean): NewIntent<NodeIntent>[] {
  const rows = made.transitions.map((transition) => ({
    key: `project-${transition.version}`,
    lane: projectionLane,
    intent: { kind: "project" as const, row: projectionOf(transition) },
  }));
  const effects = made.effects
    // A poll while the one before it is still out would only queue up behind it.
    .filter(({ effect }) => !(isPoll(effect, made) && isBusy(laneOf(effect))))
    .map(({ key, effect }) => ({ key, lane: laneOf(effect), intent: effect }));
  return [...rows, ...effects];
}

function isPoll(effect: NodeEffect, made: NodeDecision): boolean {
  return effect.kind === "observe_server" || (effect.kind === "destroy_server" && made.transitions.length === 0);
}

function laneOf(effect: NodeEffect): string {
  switch (effect.kind) {
    case "create_server":
    case "observe_server":
    case "destroy_server":
      return "provider";
    case "read_machine":
      return "catalog";
    case "tell_task":
    case "tell_saved_work":
    case "tell_saved_work_gone":
      return `tell ${effect.taskId}`;
    case "offer_capacity":
      return "offer";
  }
}
