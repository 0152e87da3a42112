/** A question before what cannot be undone; it names what will be lost, and what stays. */
import type { ReactNode } from "react";

import { Button } from "./Button.tsx";
import { Dialog } from "./Dialog.tsx";

export interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What will be lost, by name. */
  readonly loses: ReactNode;
  readonly keeps?: ReactNode;
  /** The verb on the button, such as "Cancel the task". */
  readonly action: string;
  /** The verb on the way out; "Keep it" unless said. */
  readonly decline?: string;
  readonly busy?: string | false | null;
  readonly error?: ReactNode;
  readonly onConfirm: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps): ReactNode {
  const { open, onOpenChange, title, loses, keeps, action, decline = "Keep it", busy, error, onConfirm } = props;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      actions={
        <>
          <Button onClick={() => onOpenChange(false)}>{decline}</Button>
          <Button kind="danger" busy={busy ?? false} onClick={onConfirm}>
            {action}
          </Button>
        </>
      }
    >
      <dl className="grid grid-cols-[minmax(0,1fr)] gap-3">
        <div>
          <dt className="font-medium text-failed">Lost</dt>
          <dd>{loses}</dd>
        </div>
        {keeps !== undefined && (
          <div>
            <dt className="font-medium">Kept</dt>
            <dd>{keeps}</dd>
          </div>
        )}
      </dl>
      {error}
    </Dialog>
  );
}
