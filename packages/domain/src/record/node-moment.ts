/** A node's moment is what its status is made of at one time. */
import type { Clocks } from "../clocks.ts";
import type { TaskId } from "../ids.ts";
import type { NodeEvent } from "../node-event.ts";
import type { NodeFacts } from "../node-facts.ts";
import type { NodeState } from "../node-lifecycle.ts";
import type { Quiet } from "./record-entry.ts";

export interface NodeMoment {
  readonly state: NodeState;
  readonly version: number;
  readonly clocks: Clocks;
  readonly deadlineAt: number | null;
  readonly contactDeadlineAt: number | null;
  readonly pollAt: number | null;
  readonly serverId: string | null;
  readonly serverStatus: string | null;
  readonly claims: readonly TaskId[];
  readonly epoch: number;
  readonly effectCount: number;
  readonly outagesSeenUntil: number;
  readonly failure: string | null;
}

export function nodeMomentOf(facts: NodeFacts): NodeMoment {
  return {
    state: facts.state,
    version: facts.version,
    clocks: facts.clocks,
    deadlineAt: facts.deadlineAt,
    contactDeadlineAt: facts.contactDeadlineAt,
    pollAt: facts.pollAt,
    serverId: facts.serverId,
    serverStatus: facts.serverStatus,
    claims: facts.claims,
    epoch: facts.epoch,
    effectCount: facts.effectCount,
    outagesSeenUntil: facts.outagesSeenUntil,
    failure: facts.failure,
  };
}

/** A beat moves the clock of contact, and the limit of silence with it; in `ready` that is the deadline. */
function atRest({ clocks, ...moment }: NodeMoment) {
  return { ...moment, clocks: { ...clocks, lastContactAt: null }, contactDeadlineAt: null, deadlineAt: null };
}

/** @returns what a lull has to know of an event that moved nothing but the clock of contact; else null. */
export function quietNodeEvent(event: NodeEvent, before: NodeMoment, after: NodeMoment): Quiet | null {
  const isQuiet = event.type === "look" || event.type === "contact" || event.type === "server_observed";
  if (!isQuiet || JSON.stringify(atRest(before)) !== JSON.stringify(atRest(after))) return null;
  // A deadline that moved without a beat was moved by an outage.
  if (event.type !== "contact" && before.deadlineAt !== after.deadlineAt) return null;
  return { kind: event.type, turn: null, seq: null };
}
