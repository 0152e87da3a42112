/** Silence of a node that should beat: told when it is broken, with what explains it, where something on record does. */
import type { NodeFacts } from "@sam/domain/node-facts";
import type { Outage } from "@sam/domain/outage";
import { heartbeatIntervalMs, missedHeartbeats } from "@sam/protocol/version";

import { beatingStates, type AuditDetail } from "./audit-fact.ts";
import { offWithin } from "./missed-sweeps.ts";

/** Twice what the VM agent itself takes for a dead line: dialling again takes its time. */
export const silentMs = 2 * heartbeatIntervalMs * missedHeartbeats;

/** @returns the silence that lies between what was known of a node and what is known now; null: none worth a word. */
export function silenceBetween(
  before: NodeFacts,
  after: NodeFacts,
  outages: readonly Outage[],
): AuditDetail<"silence"> | null {
  const from = before.clocks.lastContactAt;
  const to = after.clocks.lastContactAt;
  if (from === null || to === null || !beatingStates.has(before.state) || to - from <= silentMs) return null;
  return { from, to, explanation: explanationOf(from, to, before, after, outages), taskIds: [...before.claims] };
}

function explanationOf(
  from: number,
  to: number,
  before: NodeFacts,
  after: NodeFacts,
  outages: readonly Outage[],
): string | null {
  if (to - from - offWithin(from, to, outages) <= silentMs) return "the control plane was off";
  return before.bootId === after.bootId ? null : "its VM agent was started anew";
}
