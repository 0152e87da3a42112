/** When it was said, and a link to that place in the conversation. */
import type { ReactNode } from "react";

import { clockText, exactText } from "../time/words.ts";

export function Moment({ seq, at }: { readonly seq: number; readonly at: number }): ReactNode {
  return (
    <a
      href={`#seq-${seq}`}
      title={exactText(at)}
      aria-label={`Link to this moment, ${exactText(at)}`}
      className="shrink-0 text-xs leading-5 text-ink-quiet tabular-nums no-underline hover:underline"
    >
      <time dateTime={new Date(at).toISOString()}>{clockText(at, Date.now())}</time>
    </a>
  );
}
