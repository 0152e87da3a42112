/** The receipt of what you answered or said: accepted, on the machine, read by the agent; what lacks says since when. */
import { plainLine } from "@sam/domain/plain-text";
import { replyReceipt } from "@sam/domain/reply-receipt";
import type { ReplyView } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import { useNow } from "../time/clock.ts";
import { clockText, durationText } from "../time/words.ts";
import { StatusShape } from "../ui/Status.tsx";

export function ReplyReceipt({ reply }: { readonly reply: ReplyView }): ReactNode {
  const now = useNow();
  const { lines, lacking } = replyReceipt(reply);
  return (
    <ul aria-label="Receipt of your answer" className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-quiet">
      {lines.map(({ word, at }) => (
        <li key={word} className="flex items-center gap-1">
          <StatusShape meaning="done" className="size-3" />
          {word} <time dateTime={new Date(at).toISOString()}>{clockText(at, now)}</time>
        </li>
      ))}
      {lacking !== null && (
        <li className="flex items-start gap-1">
          <StatusShape meaning={lacking.why === null ? "active" : "unknown"} className="mt-0.5 size-3" />
          <span>
            not {lacking.word}{" "}
            {lacking.why === null
              ? `yet, for ${durationText(Math.max(0, now - lacking.since))}`
              : `since ${clockText(lacking.since, now)}: ${plainLine(lacking.why)}`}
          </span>
        </li>
      )}
    </ul>
  );
}
