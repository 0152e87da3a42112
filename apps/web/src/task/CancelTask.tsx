/** Cancels a task, after a question that names what is lost and what is kept. */
import { plainLine } from "@sam/domain/plain-text";
import type { TaskView } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import { useCancel } from "../api/tasks.ts";
import { ConfirmDialog } from "../ui/ConfirmDialog.tsx";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";

export interface CancelTaskProps {
  readonly task: TaskView;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function CancelTask({ task, open, onOpenChange }: CancelTaskProps): ReactNode {
  const cancel = useCancel(task.taskId);
  const runs = task.canInterrupt;
  return (
    <ConfirmDialog
      open={open}
      onOpenChange={onOpenChange}
      title="Cancel this task?"
      loses={
        <>
          {runs ? "The turn that runs is broken off" : "What it waits for is given up"}; its processes are ended and its
          place on the machine is let go. Nothing is checked or pushed any more.
        </>
      }
      keeps={
        <>
          The conversation, and the work so far: what is not pushed is saved before the workspace is removed, at the
          remote where that can be reached. You can continue the task later on {plainLine(task.branch)}, with that work.
        </>
      }
      action="Cancel the task"
      decline="Let it go on"
      busy={cancel.isPending && "Cancelling"}
      error={
        cancel.error !== null && (
          <ErrorNotice what="The task was not cancelled" error={cancel.error} kept="It goes on." />
        )
      }
      onConfirm={() => cancel.mutate(undefined, { onSuccess: () => onOpenChange(false) })}
    />
  );
}
