/** Says that the page shows the past, and of when; moves through it, by finger and by keyboard; and leads back to now. */
import type { TaskAsOf } from "@sam/protocol/task-as-of";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";

import { pathTo } from "../../path-builder.ts";
import { clockText, durationText, exactText } from "../../time/words.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { IconButton } from "../../ui/IconButton.tsx";

const route = getRouteApi("/shell/tasks/$taskId");

/** So many steps of the arrow keys lead from one end to the other, and none is shorter than a tenth of a second. */
const steps = 500;
const shortestStepMs = 100;
/** While it is dragged not every moment is asked for. */
const restMs = 150;

export interface MomentBarProps {
  readonly then: TaskAsOf;
  /** Of the address: what is shown is on its way there. */
  readonly wantedAt: number;
  /** Null: it goes on. */
  readonly endsAt: number | null;
}

export function MomentBar({ then, wantedAt, endsAt }: MomentBarProps): ReactNode {
  const { task, at, before, after, clocksKnown, counted } = then;
  const navigate = route.useNavigate();
  const { show } = route.useSearch();
  const [openedAt] = useState(() => Date.now());
  const end = Math.max(endsAt ?? openedAt, wantedAt);
  const go = (asOf: number) => void navigate({ search: { asOf, show }, replace: true });
  return (
    <section
      aria-label="The moment that is shown"
      className="flex flex-col gap-1 border-t border-accent bg-accent-soft px-3 py-2 tablet:px-4"
    >
      <div className="flex flex-wrap items-center gap-x-2">
        <p role="status" className="min-w-0 flex-1 text-sm">
          <strong className="font-semibold">
            As of <time dateTime={new Date(at).toISOString()}>{clockText(at, openedAt)}</time>
          </strong>{" "}
          <span className="text-ink-quiet">{durationText(at - task.createdAt)} after it was submitted</span>
        </p>
        <IconButton
          label="What happened before"
          icon="back"
          disabled={before === null}
          onClick={() => go(before ?? at)}
        />
        <IconButton
          label="What happened next"
          icon="chevron"
          disabled={after === null}
          onClick={() => go(after ?? at)}
        />
        <Link {...pathTo.task(task.taskId)} replace className={buttonClass("primary")}>
          Back to now
        </Link>
      </div>
      <Slider from={task.createdAt} to={end} at={wantedAt} onMove={go} />
      {!clocksKnown && (
        <p className="text-xs text-ink-quiet">
          Its clocks and deadlines of that moment are not on record; step, conversation and verdicts are.
        </p>
      )}
      {counted !== null && (
        <p className="text-xs text-ink-quiet">
          {counted.count} beats between {exactText(counted.from)} and {exactText(counted.to)} were counted, not kept one
          by one: the last contact may be later than shown.
        </p>
      )}
    </section>
  );
}

interface SliderProps {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly onMove: (at: number) => void;
}

function Slider({ from, to, at, onMove }: SliderProps): ReactNode {
  const [dragged, setDragged] = useState<number | null>(null);
  useEffect(() => {
    if (dragged === null) return;
    const timer = setTimeout(() => {
      setDragged(null);
      onMove(dragged);
    }, restMs);
    return () => clearTimeout(timer);
  }, [dragged, onMove]);
  const value = dragged ?? at;
  // Counted in steps, of which the last one may be shorter: the end of the slider is the end.
  const stepMs = Math.max(shortestStepMs, Math.round((to - from) / steps));
  const count = Math.max(1, Math.ceil((to - from) / stepMs));
  const momentOf = (step: number) => (step >= count ? to : from + step * stepMs);
  return (
    <input
      type="range"
      aria-label="As of"
      aria-valuetext={exactText(value)}
      min={0}
      max={count}
      step={1}
      value={value >= to ? count : Math.min(count - 1, Math.floor((value - from) / stepMs))}
      onChange={({ currentTarget }) => setDragged(momentOf(Number(currentTarget.value)))}
      className="h-11 w-full accent-accent"
    />
  );
}
