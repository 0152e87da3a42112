/** What a task costs while it awaits its owner: the price of the machine that it keeps, as the provider's catalog has it. */
import type { NodeId } from "@sam/domain/ids";
import type { MeanwhileCost } from "@sam/protocol/inbox-api";
import type { NodeView } from "@sam/protocol/node-api";

/** A month of the catalogs: 730 hours. */
const hoursPerMonth = 730;

/** @param node null where the machine could not be asked for. */
export function meanwhileCost(nodeId: NodeId | null, node: NodeView | null): MeanwhileCost {
  if (nodeId === null) return { kind: "no_machine" };
  if (node === null) return { kind: "unavailable", nodeId, why: "the node did not say what machine it is" };
  const { machine, claims } = node;
  if (!machine.known) return { kind: "unavailable", nodeId, why: machine.why };
  const { machineType, monthlyPrice, source, readAt } = machine;
  if (monthlyPrice === null) {
    return { kind: "unavailable", nodeId, why: `${source} names no price for ${machineType}` };
  }
  const { amount: monthlyAmount, currency } = monthlyPrice;
  const hourlyAmount = monthlyAmount / hoursPerMonth;
  const sharedBy = Math.max(1, claims.length);
  return { kind: "priced", nodeId, machineType, hourlyAmount, monthlyAmount, currency, source, readAt, sharedBy };
}
