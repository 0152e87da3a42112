/** How long ago; a press shows the exact time and a second one hides it. It ticks, unless it is frozen. */
import { type ReactNode, useState } from "react";

import { useNow } from "../time/clock.ts";
import { useFixedNow } from "../time/fixed-now.ts";
import { ageText, durationText, exactText } from "../time/words.ts";

export interface AgeProps {
  readonly at: number;
  /** The moment that it is told from, for what has ended. */
  readonly frozenAt?: number | null;
  readonly className?: string;
}

export function Age({ at, frozenAt = null, className }: AgeProps): ReactNode {
  const now = useNow();
  const fixed = useFixedNow();
  const from = frozenAt ?? fixed ?? Math.max(now, Math.min(at, Date.now()));
  return <Exact at={at} text={ageText(at, from)} className={className} />;
}

export interface DurationProps {
  readonly since: number;
  /** Null while it goes on: then it grows. */
  readonly until: number | null;
  readonly className?: string;
}

/** A length of time, ticking until it has an end. A press shows when it began. */
export function Duration({ since, until, className }: DurationProps): ReactNode {
  const now = useNow();
  return <Exact at={since} text={durationText((until ?? Math.max(now, since)) - since)} className={className} />;
}

function Exact({
  at,
  text,
  className,
}: {
  readonly at: number;
  readonly text: string;
  readonly className: string | undefined;
}): ReactNode {
  const [exact, setExact] = useState(false);
  return (
    <button
      type="button"
      onClick={() => setExact(!exact)}
      title={exactText(at)}
      className={
        className ??
        "rounded-sm text-left whitespace-nowrap text-ink-quiet tabular-nums decoration-dotted underline-offset-4 hover:underline"
      }
    >
      <time dateTime={new Date(at).toISOString()}>{exact ? exactText(at) : text}</time>
    </button>
  );
}
