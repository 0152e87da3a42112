/** The agent's plan, as a list that it ticks off itself. A tick here is the agent's word, and not a verdict. */
import { plainLine } from "@sam/domain/plain-text";
import type { ReactNode } from "react";

import { Icon } from "../ui/Icon.tsx";
import type { PlanEntry, PlanStatus } from "./agent-update.ts";

const words: Readonly<Record<PlanStatus, string>> = {
  completed: "done, it says",
  in_progress: "at it",
  pending: "to do",
};

export function PlanList({ entries }: { readonly entries: readonly PlanEntry[] }): ReactNode {
  const done = entries.filter(({ status }) => status === "completed").length;
  return (
    <div className="pb-2">
      <p className="text-xs text-ink-quiet">
        Plan: {done} of {entries.length} ticked off by the agent
      </p>
      <ul className="flex flex-col">
        {entries.map(({ content, status }, index) => (
          <li key={`${index}-${content}`} className="flex items-start gap-2 py-0.5">
            <span
              aria-hidden="true"
              className="mt-0.5 inline-flex size-4 shrink-0 items-center justify-center rounded-sm border border-line-strong text-ink-quiet"
            >
              {status === "completed" && <Icon name="check" className="size-3" />}
              {status === "in_progress" && <span className="size-1.5 rounded-full bg-active" />}
            </span>
            <span className={status === "completed" ? "text-ink-quiet" : ""}>
              {plainLine(content)}
              <span className="sr-only"> ({words[status]})</span>
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
