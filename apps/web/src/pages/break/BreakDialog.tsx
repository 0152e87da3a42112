/** Asks before it breaks anything: what is done, to which node, for how long, and what is promised about it. */
import { breakages, type BreakageKind } from "@sam/domain/breakage";
import type { NodeView } from "@sam/protocol/node-api";
import { type ReactNode, useState } from "react";

import { useBreak } from "../../api/breakages.ts";
import { durationText } from "../../time/words.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Field } from "../../ui/Field.tsx";
import { Select } from "../../ui/Select.tsx";

export interface BreakDialogProps {
  readonly kind: BreakageKind;
  /** Those that are connected; null: nobody knows yet. */
  readonly nodes: readonly NodeView[] | null;
  /** What was broken last is not proven yet, and nothing else is broken meanwhile. */
  readonly isOpen: boolean;
}

export function BreakDialog({ kind, nodes, isOpen }: BreakDialogProps): ReactNode {
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState("");
  const { mutate, error, isPending } = useBreak();
  const { title, does, promises, ofNode, defaultMs } = breakages[kind];
  const node = nodes?.find(({ nodeId }) => nodeId === chosen) ?? nodes?.[0];
  const lacksNode = ofNode && node === undefined;
  const confirm = () =>
    mutate({ kind, nodeId: ofNode ? (node?.nodeId ?? null) : null }, { onSuccess: () => setOpen(false) });
  return (
    <>
      <Button disabled={lacksNode || isOpen} onClick={() => setOpen(true)}>
        {title}…
      </Button>
      {lacksNode && (
        <p className="text-xs text-ink-quiet">
          {nodes === null ? "It is not known yet which nodes are connected." : "No node is connected now."}
        </p>
      )}
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`${title}?`}
        actions={
          <>
            <Button onClick={() => setOpen(false)}>Leave it whole</Button>
            <Button kind="danger" busy={isPending && "Breaking it"} onClick={confirm}>
              {title}
            </Button>
          </>
        }
      >
        <p>
          {does}
          {defaultMs !== null && ` It lasts ${durationText(defaultMs)}, and ends by itself.`}
        </p>
        {ofNode && nodes !== null && node !== undefined && (
          <Field label="Node">
            <Select
              value={node.nodeId}
              options={nodes.map(({ nodeId, claims }) => ({
                value: nodeId,
                label: `${nodeId}, ${tasksText(claims.length)}`,
              }))}
              onChoose={setChosen}
            />
          </Field>
        )}
        <p className="font-medium">SAM promises</p>
        <ul className="list-disc pl-5">
          {promises.map((promise) => (
            <li key={promise}>{promise}</li>
          ))}
        </ul>
        {error !== null && <ErrorNotice what="Nothing was broken" error={error} />}
      </Dialog>
    </>
  );
}

function tasksText(count: number): string {
  return count === 1 ? "1 task" : `${count} tasks`;
}
