/** One node: its state with the deadline behind it, its machine as the catalog has it, its tasks, and the way to end it. */
import type { NodeView } from "@sam/protocol/node-api";
import type { ReactNode } from "react";

import { gibibytesText, priceText } from "../../status/machine-words.ts";
import { statusOfNode } from "../../status/node-status.ts";
import { useNow } from "../../time/clock.ts";
import { Age } from "../../ui/Age.tsx";
import { Facts } from "../../ui/Facts.tsx";
import { Status } from "../../ui/Status.tsx";
import { DestroyNode } from "./DestroyNode.tsx";
import { heldAlone, NodeHolds } from "./NodeHolds.tsx";
import { NodeTasks } from "./NodeTasks.tsx";

const tickMs = 5_000;

export function NodeCard({ node }: { readonly node: NodeView }): ReactNode {
  const now = useNow(tickMs);
  const { meaning, word, since } = statusOfNode(node, now);
  return (
    <article aria-label={node.nodeId} className="flex flex-col gap-3 py-4">
      <header className="flex items-start justify-between gap-4">
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-x-3">
            <Status meaning={meaning} word={word} />
            {since !== null && <Age at={since} />}
          </p>
          <p className="truncate font-mono text-xs text-ink-quiet">{node.nodeId}</p>
        </div>
        <DestroyNode node={node} />
      </header>
      <Facts facts={factsOf(node)} />
    </article>
  );
}

function factsOf(node: NodeView): readonly (readonly [string, ReactNode])[] {
  const { isolation, failure } = node;
  return [
    ["Machine", <Machine node={node} />],
    ["Tasks", <NodeTasks claims={node.claims} slots={node.slots} />],
    ["Last contact", node.lastContactAt === null ? "none yet" : <Age at={node.lastContactAt} />],
    ...(node.waitsFor === null ? [] : [["Waits for", <Waiting node={node} />] as const]),
    ...(isolation === null
      ? []
      : [["Isolation", `processes: ${isolation.processes}, limits: ${isolation.limits}`] as const]),
    ...(heldAlone(node).length === 0 ? [] : [["Holds", <NodeHolds node={node} />] as const]),
    ...(failure === null ? [] : [["Failure", <span className="text-failed">{failure}</span>] as const]),
  ];
}

function Machine({ node }: { readonly node: NodeView }): ReactNode {
  const { machine } = node;
  if (!machine.known) {
    return (
      <>
        {machine.machineType} of {node.provider}
        <span className="block text-ink-quiet">Exact specs unavailable: {machine.why}</span>
      </>
    );
  }
  const disk = machine.diskBytes === null ? "disk not known" : `${gibibytesText(machine.diskBytes)} disk`;
  return (
    <>
      {machine.machineType} of {node.provider}, {machine.location}: {machine.vcpu} vCPU,{" "}
      {gibibytesText(machine.memoryBytes)} RAM, {disk}
      <span className="block text-ink-quiet">
        {priceText(machine)}; from {machine.source}, read <Age at={machine.readAt} />
      </span>
    </>
  );
}

function Waiting({ node }: { readonly node: NodeView }): ReactNode {
  return (
    <>
      {node.waitsFor}
      {node.deadlineAt !== null && (
        <span className="block text-ink-quiet">
          Deadline <Age at={node.deadlineAt} />
          {node.onDeadline !== null && `: ${node.onDeadline}`}
        </span>
      )}
    </>
  );
}
