/** The steps of a task as a vertical line, with their lengths to scale. Its end is frozen; each step opens to its facts. */
import type { TaskId } from "@sam/domain/ids";
import type { TaskView } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { useTransitions } from "../api/tasks.ts";
import { pathTo } from "../path-builder.ts";
import { stepWord } from "../status/task-status.ts";
import { useNow } from "../time/clock.ts";
import { useFixedNow } from "../time/fixed-now.ts";
import { clockText, durationText, exactText } from "../time/words.ts";
import { cx } from "../ui/cx.ts";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import { SkeletonRows } from "../ui/Skeleton.tsx";
import { sharesOf, type Span, spansOf } from "./timeline.ts";

export function Timeline({ task }: { readonly task: TaskView }): ReactNode {
  const { data, error, refetch } = useTransitions(task.taskId, task.version);
  const now = useNow();
  const fixed = useFixedNow();
  if (data === undefined) {
    if (error === null) return <SkeletonRows label="Loading the timeline" rows={4} />;
    return <ErrorNotice what="The timeline could not be loaded" error={error} retry={() => void refetch()} />;
  }
  // Of a moment of the past, what came later is not there yet.
  const spans = spansOf(fixed === null ? data : data.filter(({ at }) => at <= fixed));
  const shares = sharesOf(spans, now);
  return (
    <ol aria-label="Steps" className="flex flex-col">
      {spans.map((span, index) => (
        <Step key={span.version} taskId={task.taskId} span={span} share={shares[index] ?? 0} now={now} />
      ))}
    </ol>
  );
}

interface StepProps {
  readonly taskId: TaskId;
  readonly span: Span;
  readonly share: number;
  readonly now: number;
}

function Step({ taskId, span, share, now }: StepProps): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const { step, since, until, again, cause } = span;
  const isEnd = until === since && step !== "awaiting_input";
  const length = isEnd ? clockText(since, now) : durationText((until ?? Math.max(now, since)) - since);
  return (
    <li className="relative border-l-2 border-line pl-3 last:border-transparent">
      <span
        aria-hidden="true"
        className={cx(
          "absolute top-2 -left-[5px] size-2 rounded-full",
          until === null ? "bg-active" : "bg-line-strong",
        )}
      />
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="grid min-h-7 w-full grid-cols-[minmax(0,1fr)_auto] items-center gap-x-2 rounded-sm text-left text-sm hover:bg-sunken pointer-coarse:min-h-11"
      >
        <span className="truncate">
          {stepWord(step)}
          {again > 0 && <span className="text-ink-quiet"> (time {again + 1})</span>}
        </span>
        <span className="text-xs text-ink-quiet tabular-nums">{length}</span>
        <span aria-hidden="true" className="col-span-2 h-1">
          <span
            className={cx("block h-1 rounded-full", until === null ? "bg-active" : "bg-line-strong")}
            style={{ width: `${share * 100}%` }}
          />
        </span>
      </button>
      {isOpen && (
        <div className="pb-2 text-xs text-ink-quiet">
          <p>
            Since {exactText(since)}
            {until !== null && until !== since && `, until ${exactText(until)}`}. Moved there by{" "}
            {cause.replaceAll("_", " ")}.
          </p>
          <Link {...pathTo.taskAsOf(taskId, since)} className="touch inline-flex items-center">
            See the task as it was then
          </Link>
        </div>
      )}
    </li>
  );
}
