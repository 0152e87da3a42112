/** When it was said, and a link to that place in the conversation of its task. */
import type { TaskId } from "@sam/domain/ids";
import { Link } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext } from "react";

import { pathTo } from "../path-builder.ts";
import { clockText, exactText } from "../time/words.ts";

/** The task whose row this is, where it is not the page's own. */
export const OtherTask = createContext<TaskId | null>(null);

const look = "shrink-0 text-xs leading-5 text-ink-quiet tabular-nums no-underline hover:underline";

export function Moment({ seq, at }: { readonly seq: number; readonly at: number }): ReactNode {
  const other = useContext(OtherTask);
  const exact = exactText(at);
  const name = { title: exact, "aria-label": `Link to this moment, ${exact}`, className: look };
  const time = <time dateTime={new Date(at).toISOString()}>{clockText(at, Date.now())}</time>;
  if (other === null) {
    return (
      <a href={`#seq-${seq}`} {...name}>
        {time}
      </a>
    );
  }
  return (
    <Link {...pathTo.task(other)} hash={`seq-${seq}`} {...name}>
      {time}
    </Link>
  );
}
