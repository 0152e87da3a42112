/** The diff of the work, file by file, in front of the page. */
import { plainLine } from "@sam/domain/plain-text";
import type { ReactNode } from "react";

import type { TaskConversation } from "../conversation/task-conversation.ts";
import { exactText } from "../time/words.ts";
import { Button } from "../ui/Button.tsx";
import { Dialog } from "../ui/Dialog.tsx";
import { sizeOf } from "./diff-of.ts";
import { DiffFiles } from "./DiffFiles.tsx";
import { useNewestDiff } from "./Proof.tsx";
import { counted, sizeText } from "./verdict-words.ts";

export interface DiffReviewProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly conversation: TaskConversation;
}

export function DiffReview({ open, onClose, conversation }: DiffReviewProps): ReactNode {
  return (
    <Dialog open={open} onOpenChange={onClose} title="Diff" wide actions={<Button onClick={onClose}>Close</Button>}>
      {open && <Review conversation={conversation} />}
    </Dialog>
  );
}

function Review({ conversation }: { readonly conversation: TaskConversation }): ReactNode {
  const { item, isLooking } = useNewestDiff(conversation);
  if (item === null) return <p>{isLooking ? "Looking for it in older messages" : "No diff has been reported yet."}</p>;
  const { diff, at } = item;
  return (
    <div className="flex min-h-0 flex-col gap-3">
      <p className="text-sm text-ink-quiet">
        {sizeText(sizeOf(diff))} since {diff.baseCommit.slice(0, 12)}, as git on the node saw it at {exactText(at)}.
      </p>
      {diff.leftOutFiles.length > 0 && (
        <p className="text-sm text-ink-quiet">
          {counted(diff.leftOutFiles.length, "file")} left out because of the size:{" "}
          {diff.leftOutFiles.map(plainLine).join(", ")}
        </p>
      )}
      <DiffFiles diff={diff} />
    </div>
  );
}
