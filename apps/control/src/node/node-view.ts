/** What a client is shown of a node: its facts, with the words of the lifecycle table beside them. */
import type { NodeFacts } from "@sam/domain/node-facts";
import { nodeFailureReasons, nodeLifecycle } from "@sam/domain/node-lifecycle";
import type { NodeView } from "@sam/protocol/node-api";

export function nodeView(facts: NodeFacts, connected: boolean): NodeView {
  const row = nodeLifecycle[facts.state];
  const { isolation, failure, detail } = facts;
  return {
    nodeId: facts.request.nodeId,
    provider: facts.request.provider,
    serverId: facts.serverId,
    state: facts.state,
    final: row.final,
    version: facts.version,
    createdAt: facts.createdAt,
    inStateSince: facts.clocks.inStateSince,
    lastContactAt: facts.clocks.lastContactAt,
    deadlineAt: facts.deadlineAt ?? facts.contactDeadlineAt,
    waitsFor: row.final ? null : row.waitsFor,
    onDeadline: row.final ? null : row.consequence,
    machine: { ...facts.machine },
    isolation: isolation === null ? null : { ...isolation, reasons: [...isolation.reasons] },
    slots: facts.request.slots,
    claims: [...facts.claims],
    holds: facts.holds.map(({ commit: _commit, ...hold }) => hold),
    kept: facts.kept === null ? null : { ...facts.kept },
    connected,
    epoch: facts.epoch,
    failure: failure === null ? null : `${nodeFailureReasons[failure]}${detail === "" ? "" : `: ${detail}`}`,
  };
}
