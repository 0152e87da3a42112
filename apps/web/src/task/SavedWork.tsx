/** The saved work of a task: how much it is, where it lies and since when, how it comes back, and how it is thrown away. */
import type { TaskId } from "@sam/domain/ids";
import { plainLine } from "@sam/domain/plain-text";
import type { SavedWorkView } from "@sam/protocol/saved-work-api";
import type { ReactNode } from "react";

import { useNow } from "../time/clock.ts";
import { Age } from "../ui/Age.tsx";
import { Status } from "../ui/Status.tsx";
import { CopyButton } from "./CopyButton.tsx";
import { DiscardSaved } from "./DiscardSaved.tsx";
import { savedFact, savedNext } from "./saved-words.ts";

export interface SavedWorkProps {
  readonly taskId: TaskId;
  readonly work: SavedWorkView;
  readonly canDiscard: boolean;
}

export function SavedWork({ taskId, work, canDiscard }: SavedWorkProps): ReactNode {
  const { summary, placedAt, whyNotPushed, place, leftOut, fetchLine, forget } = work;
  const now = useNow();
  const { meaning, word } = savedFact(work, now);
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p className="flex flex-wrap items-center gap-x-2">
        <Status meaning={meaning} word={word} />
        <span className="text-ink-quiet">
          <Age at={placedAt} />
        </span>
      </p>
      <p>{plainLine(summary)}</p>
      {place === "mirror" && whyNotPushed !== null && (
        <p className="text-ink-quiet">Not pushed: {plainLine(whyNotPushed)}</p>
      )}
      {leftOut.length > 0 && (
        <p className="text-ink-quiet">
          Left out, since they are repositories of their own:{" "}
          <span className="font-mono text-xs break-all">{leftOut.map(plainLine).join(", ")}</span>
        </p>
      )}
      <p className="text-ink-quiet">
        {savedNext(work, now)}
        {forget !== null && forget.detail !== null && ` The last try to remove it: ${plainLine(forget.detail)}.`}
      </p>
      {fetchLine !== null && (
        <div className="flex items-center gap-1 rounded-sm border border-line bg-sunken pl-2">
          <code className="min-w-0 flex-1 overflow-x-auto font-mono text-xs whitespace-nowrap">{fetchLine}</code>
          <CopyButton label="Copy the command that fetches the saved work" text={fetchLine} />
        </div>
      )}
      {canDiscard && <DiscardSaved taskId={taskId} work={work} />}
    </div>
  );
}
