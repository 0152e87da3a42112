/** Throws saved work away, after a question that names it. */
import type { TaskId } from "@sam/domain/ids";
import { plainLine } from "@sam/domain/plain-text";
import type { SavedWorkView } from "@sam/protocol/saved-work-api";
import { type ReactNode, useState } from "react";

import { useDiscardSaved } from "../api/saved-work.ts";
import { Button } from "../ui/Button.tsx";
import { Code } from "../ui/Code.tsx";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";

export function DiscardSaved({ taskId, work }: { readonly taskId: TaskId; readonly work: SavedWorkView }): ReactNode {
  const [open, setOpen] = useState(false);
  const { mutate, error, isPending } = useDiscardSaved();
  return (
    <>
      <div>
        <Button onClick={() => setOpen(true)}>Discard…</Button>
      </div>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title="Discard the saved work?"
        loses={
          <>
            {plainLine(work.summary)}: <Code>{work.ref}</Code> is removed
            {work.place === "remote"
              ? " from the remote and its machine."
              : ` from ${work.nodeId}, which alone has it.`}
          </>
        }
        keeps="The conversation, and everything that was pushed to a branch."
        action="Discard it"
        busy={isPending && "Discarding"}
        error={error !== null && <ErrorNotice what="The saved work was not discarded" error={error} />}
        onConfirm={() => mutate(taskId, { onSuccess: () => setOpen(false) })}
      />
    </>
  );
}
