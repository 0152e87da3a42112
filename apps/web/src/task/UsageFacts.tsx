/** What the task used, as its agent reports it, with what each figure is of. */
import { costText, tokensText, usageScope } from "@sam/domain/usage-words";
import type { TaskView } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import type { ContextRoom } from "../conversation/folding.ts";

export interface UsageFactsProps {
  readonly usage: TaskView["usage"];
  readonly room: ContextRoom | null;
}

const grouped = new Intl.NumberFormat("en");

export function UsageFacts({ usage, room }: UsageFactsProps): ReactNode {
  return (
    <div className="flex flex-col gap-1 text-sm">
      {usage === null ? (
        <p className="text-ink-quiet">Nothing reported so far.</p>
      ) : (
        <>
          <p>{tokensText(usage)}</p>
          <p>{costText(usage) ?? "The agent reports no cost."}</p>
          <p className="text-xs text-ink-quiet">Of: {usageScope(usage, "task")}. Reported by the agent.</p>
        </>
      )}
      {room !== null && (
        <p className="text-ink-quiet">
          Its context holds {grouped.format(room.used)} of {grouped.format(room.size)} tokens, it says.
        </p>
      )}
    </div>
  );
}
