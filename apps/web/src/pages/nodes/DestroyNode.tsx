/** Gives a node up, after saying by name what goes with it. */
import type { NodeView } from "@sam/protocol/node-api";
import { type ReactNode, useState } from "react";

import { useDestroyNode } from "../../api/nodes.ts";
import { Button } from "../../ui/Button.tsx";
import { Code } from "../../ui/Code.tsx";
import { ConfirmDialog } from "../../ui/ConfirmDialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { heldAlone, HoldList } from "./NodeHolds.tsx";
import { NodeTasks } from "./NodeTasks.tsx";

export function DestroyNode({ node }: { readonly node: NodeView }): ReactNode {
  const [open, setOpen] = useState(false);
  const { mutate, error, isPending } = useDestroyNode();
  const held = heldAlone(node);
  if (node.final || node.state === "destroying") return null;
  // What was named is given up, and nothing that came meanwhile.
  const discardUnsaved = held.length > 0;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Give up…</Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Give up this node?"
        loses={
          <>
            The machine of <Code>{node.nodeId}</Code> and its disk
            {held.length === 0 ? ". Nothing lies on it alone." : ", with what is nowhere else:"}
            {held.length > 0 && <HoldList holds={held} />}
          </>
        }
        keeps={
          node.claims.length === 0 ? (
            "Everything that was pushed."
          ) : (
            <>
              It takes no new task, and goes when its last one lets go, the work saved:{" "}
              <NodeTasks claims={node.claims} slots={node.slots} />
            </>
          )
        }
        action={discardUnsaved ? "Lose it and give up the node" : "Give up the node"}
        busy={isPending && "Giving up"}
        error={error !== null && <ErrorNotice what="The node still stands" error={error} />}
        onConfirm={() => mutate({ nodeId: node.nodeId, discardUnsaved }, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}
