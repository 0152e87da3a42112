/** One task in the dense list: its shape, its title, its status in a word and since when. */
import { plainLine } from "@sam/domain/plain-text";
import type { TaskRow } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import { memo, type ReactNode } from "react";

import { pathTo } from "../path-builder.ts";
import { statusOfRow } from "../status/task-status.ts";
import { useNow } from "../time/clock.ts";
import { ageText } from "../time/words.ts";
import { StatusShape } from "../ui/Status.tsx";

const tickMs = 5_000;

export const RailTask = memo(function RailTask({ row }: { readonly row: TaskRow }): ReactNode {
  const now = useNow(tickMs);
  const { meaning, word, since } = statusOfRow(row, now);
  return (
    <li>
      <Link
        {...pathTo.task(row.taskId)}
        data-list-item=""
        className="flex items-start gap-2 rounded-md px-2 py-1.5 no-underline hover:bg-sunken data-[status=active]:bg-accent-soft"
      >
        <StatusShape meaning={meaning} className="mt-0.5" />
        <span className="min-w-0 flex-1">
          <span className="block truncate">{plainLine(row.title)}</span>
          <span className="flex gap-2 text-xs text-ink-quiet">
            <span className="min-w-0 flex-1 truncate">{word}</span>
            {since !== null && <span className="shrink-0 tabular-nums">{ageText(since, Math.max(now, since))}</span>}
          </span>
        </span>
      </Link>
    </li>
  );
});
