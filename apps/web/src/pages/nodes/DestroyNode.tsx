/** Gives a node up, after saying what goes with it. */
import type { NodeView } from "@sam/protocol/node-api";
import { type ReactNode, useState } from "react";

import { useDestroyNode } from "../../api/nodes.ts";
import { Button } from "../../ui/Button.tsx";
import { Code } from "../../ui/Code.tsx";
import { ConfirmDialog } from "../../ui/ConfirmDialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { NodeTasks } from "./NodeTasks.tsx";

export function DestroyNode({ node }: { readonly node: NodeView }): ReactNode {
  const [open, setOpen] = useState(false);
  const { mutate, error, isPending } = useDestroyNode();
  if (node.final || node.state === "destroying") return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Give up…</Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Give up this node?"
        loses={
          <>
            The machine of <Code>{node.nodeId}</Code> and its disk, with saved work that was never pushed (
            <Code>refs/sam/wip</Code>).
          </>
        }
        keeps={
          node.claims.length === 0 ? (
            "Everything that was pushed."
          ) : (
            <>
              It takes no new task, and goes when its last one lets go:{" "}
              <NodeTasks claims={node.claims} slots={node.slots} />
            </>
          )
        }
        action="Give up the node"
        busy={isPending && "Giving up"}
        error={error !== null && <ErrorNotice what="The node still stands" error={error} />}
        onConfirm={() => mutate(node.nodeId, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}
