/** One figure of the audit: its value, since when it is known, and, opened, those behind it. */
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { plainLine } from "../../conversation/plain-text.ts";
import { pathTo } from "../../path-builder.ts";
import { exactText } from "../../time/words.ts";
import { StatusShape } from "../../ui/Status.tsx";
import type { Behind, Figure } from "./figures.ts";

const mostShown = 50;

export interface FigureViewProps {
  readonly figure: Figure;
  /** When the span begins. */
  readonly from: number;
}

export function FigureView({ figure, from }: FigureViewProps): ReactNode {
  const { name, value, meaning, means, since, behind } = figure;
  const head = (
    <span className="flex min-w-0 flex-1 items-start gap-2 py-3">
      <StatusShape meaning={meaning} className="mt-1" />
      <span className="min-w-0">
        <span className="block text-sm text-ink-quiet">{name}</span>
        <span className="block font-medium">
          {plainLine(value)}
          <span className="sr-only"> ({means})</span>
        </span>
        {since !== null && since > from && (
          <span className="block text-xs text-ink-quiet">Known since {exactText(since)}: the log is no older.</span>
        )}
      </span>
    </span>
  );
  return (
    <li aria-label={name}>
      {behind.length === 0 ? (
        <div className="flex">{head}</div>
      ) : (
        <details>
          <summary className="touch flex cursor-pointer items-center">
            {head}
            <span className="shrink-0 text-sm text-ink-quiet underline underline-offset-2">Show them</span>
          </summary>
          <ul aria-label={`Behind: ${name}`} className="flex flex-col gap-2 pb-4 pl-6">
            {behind.slice(0, mostShown).map((one) => (
              <li key={one.key} className="text-sm">
                <Subject one={one} />
                <span className="block text-ink-quiet">{plainLine(one.text)}</span>
              </li>
            ))}
            {behind.length > mostShown && (
              <li className="text-sm text-ink-quiet">and {behind.length - mostShown} more</li>
            )}
          </ul>
        </details>
      )}
    </li>
  );
}

function Subject({ one }: { readonly one: Behind }): ReactNode {
  const name = plainLine(one.name);
  const look = "touch inline-flex items-center break-all";
  if (one.taskId !== null) {
    return (
      <Link {...pathTo.task(one.taskId)} className={look}>
        {name}
      </Link>
    );
  }
  if (!one.isNode) return <span className="font-medium">{name}</span>;
  return (
    <Link {...pathTo.nodes()} className={look}>
      {name}
    </Link>
  );
}
