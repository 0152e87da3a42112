import type { NodeView } from "@sam/protocol/node-api";
/** What a node's state means on the page. */
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
  return { meaning: "active", word: node.state, since };
}
