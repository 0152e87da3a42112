/** What lies on a node and nowhere else: for which task, how much, and why the node is kept for it. */
import { plainLine } from "@sam/domain/plain-text";
import type { NodeView } from "@sam/protocol/node-api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { pathTo } from "../../path-builder.ts";
import { useNow } from "../../time/clock.ts";
import { Age } from "../../ui/Age.tsx";

/** @returns what would be lost with the node; what its own tasks work at is saved when they end. */
export function heldAlone({ holds, claims }: NodeView): NodeView["holds"] {
  return holds.filter(({ taskId }) => !claims.includes(taskId));
}

const tickMs = 30_000;

export function NodeHolds({ node }: { readonly node: NodeView }): ReactNode {
  const now = useNow(tickMs);
  const { kept } = node;
  return (
    <>
      {kept !== null && (
        <span className={kept.overdueAt <= now ? "text-yours" : ""}>
          Kept since <Age at={kept.since} />, for what is nowhere else.
          {kept.overdueAt <= now && " It stays until you decide."}
        </span>
      )}
      <HoldList holds={heldAlone(node)} />
    </>
  );
}

export function HoldList({ holds }: { readonly holds: NodeView["holds"] }): ReactNode {
  return (
    <ul>
      {holds.map(({ taskId, kind, what, why }) => (
        <li key={`${taskId} ${kind}`}>
          <Link {...pathTo.task(taskId)} className="touch inline-flex items-center">
            {kind === "saved_work" ? "Saved work" : "A workspace"}
          </Link>
          : {plainLine(what)}
          {why !== null && <span className="block text-ink-quiet">Not pushed: {plainLine(why)}</span>}
        </li>
      ))}
    </ul>
  );
}
