/** The machine of a task, as its provider's catalog has it; or that it cannot be said, and why. */
import type { NodeId } from "@sam/domain/ids";
import type { NodeView } from "@sam/protocol/node-api";
import type { ReactNode } from "react";

import { useNodes } from "../api/nodes.ts";
import { machineText, priceText } from "../status/machine-words.ts";
import { statusOfNode } from "../status/node-status.ts";
import { useNow } from "../time/clock.ts";
import { Age } from "../ui/Age.tsx";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { Skeleton } from "../ui/Skeleton.tsx";
import { Status } from "../ui/Status.tsx";

export function MachineFacts({ nodeId }: { readonly nodeId: NodeId | null }): ReactNode {
  if (nodeId === null) return <p className="text-sm text-ink-quiet">No machine has been chosen yet.</p>;
  return <Machine nodeId={nodeId} />;
}

function Machine({ nodeId }: { readonly nodeId: NodeId }): ReactNode {
  const { data, error, refetch } = useNodes();
  if (data === undefined) {
    if (error === null) return <Skeleton className="h-10 w-full" />;
    return <ErrorNotice what="The machine could not be asked for" error={error} retry={() => void refetch()} />;
  }
  const node = data.nodes.find((candidate) => candidate.nodeId === nodeId);
  if (node === undefined) {
    return (
      <p className="text-sm text-ink-quiet">
        <span className="font-mono text-xs">{nodeId}</span>: exact specs unavailable, since the node is gone or does not
        answer.
      </p>
    );
  }
  return <NodeFacts node={node} />;
}

function NodeFacts({ node }: { readonly node: NodeView }): ReactNode {
  const now = useNow(5_000);
  const { meaning, word } = statusOfNode(node, now);
  const { machine, isolation, provider, nodeId } = node;
  return (
    <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-2 gap-y-1 text-sm">
      <dt className="text-ink-quiet">Node</dt>
      <dd>
        <Status meaning={meaning} word={word} />
        <span className="block font-mono text-xs break-all text-ink-quiet">{nodeId}</span>
      </dd>
      <dt className="text-ink-quiet">Machine</dt>
      <dd>
        {machineText(machine)}
        {machine.known && (
          <span className="block text-xs text-ink-quiet">
            {provider}; {machine.source}, read <Age at={machine.readAt} />
          </span>
        )}
      </dd>
      <dt className="text-ink-quiet">Price</dt>
      <dd>{priceText(machine)}</dd>
      <dt className="text-ink-quiet">Isolation</dt>
      <dd>
        {isolation === null ? "not reported" : `${isolation.processes}, limits by ${isolation.limits}`}
        {isolation?.reasons.map((reason) => (
          <span key={reason} className="block text-xs text-ink-quiet">
            {reason}
          </span>
        ))}
      </dd>
    </dl>
  );
}
