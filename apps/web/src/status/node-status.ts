/** What a node's state means on the page. */
import type { NodeView } from "@sam/protocol/node-api";
import { heartbeatIntervalMs } from "@sam/protocol/version";

import type { StatusFact } from "./meaning.ts";

/** @returns the state; grey where it should be connected and is not. */
export function statusOfNode(node: NodeView, now: number): StatusFact {
  const since = node.inStateSince;
  if (node.state === "destroyed") return { meaning: "done", word: "destroyed", since };
  if (node.state === "failed") return { meaning: "failed", word: "failed", since };
  const dialsIn = node.state === "ready" || node.state === "warm" || node.state === "draining";
  if (dialsIn && !node.connected) {
    return { meaning: "unknown", word: `${node.state}, not connected`, since: node.lastContactAt ?? since };
  }
  if (node.deadlineAt !== null && now > node.deadlineAt + heartbeatIntervalMs) {
    return { meaning: "yours", word: `${node.state}, past its deadline`, since: node.deadlineAt };
  }
  if (node.kept !== null) return keptFact(node.kept, node.state, now);
  return { meaning: "active", word: node.state, since };
}

/** It stays for what is nowhere else; past its time that is yours to decide. */
function keptFact({ since, overdueAt }: NonNullable<NodeView["kept"]>, state: string, now: number): StatusFact {
  const word = overdueAt <= now ? `${state}, kept: yours to decide` : `${state}, kept for unsaved work`;
  return { meaning: overdueAt <= now ? "yours" : "active", word, since };
}
