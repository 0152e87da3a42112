/** Ends a cancel that can't be proven: what would be lost is asked for and named before anything is done. */
import type { TaskId } from "@sam/domain/ids";
import { plainLine } from "@sam/domain/plain-text";
import { type ReactNode, useState } from "react";

import { useForceCancel, useForceOutlook } from "../api/tasks.ts";
import { Button } from "../ui/Button.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";

export function ForceCancel({ taskId }: { readonly taskId: TaskId }): ReactNode {
  const [open, setOpen] = useState(false);
  const outlook = useForceOutlook(taskId, open);
  const { mutate, error, isPending } = useForceCancel(taskId);
  const losses = outlook.data?.losses ?? [];
  return (
    <>
      <div>
        <Button onClick={() => setOpen(true)}>End it by force…</Button>
      </div>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="End the cancel by force?"
        loses={losses.length === 0 ? "Asking what would be lost." : <Sentences of={losses} />}
        keeps={
          <Sentences
            of={[
              ...(outlook.data?.keeps ?? []),
              "The conversation, and everything that was pushed. What is proven later is still written down.",
            ]}
          />
        }
        action="End it now"
        decline="Wait for the receipt"
        busy={(isPending && "Ending it") || (losses.length === 0 && outlook.error === null && "Asking")}
        error={
          (error ?? outlook.error) !== null && (
            <ErrorNotice
              what="Nothing was forced"
              error={error ?? outlook.error ?? new Error("no answer")}
              kept="The cancel goes on."
            />
          )
        }
        onConfirm={() => mutate(undefined, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}

function Sentences({ of }: { readonly of: readonly string[] }): ReactNode {
  return (
    <ul className="flex list-disc flex-col gap-1 pl-4">
      {of.map((sentence) => (
        <li key={sentence}>{plainLine(sentence)}</li>
      ))}
    </ul>
  );
}
