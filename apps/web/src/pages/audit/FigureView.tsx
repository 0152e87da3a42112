/** One figure of the audit: its value, since when it is known, and, opened, those behind it. */
import { plainLine } from "@sam/domain/plain-text";
import type { Behind, Figure } from "@sam/protocol/audit-figures";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useTaskList } from "../../api/tasks.ts";
import { pathTo } from "../../path-builder.ts";
import type { Meaning } from "../../status/meaning.ts";
import { exactText } from "../../time/words.ts";
import { StatusShape } from "../../ui/Status.tsx";

const mostShown = 50;

export interface FigureViewProps {
  readonly figure: Figure;
  /** Since when all are known that are known; what this one alone has is said beside it. */
  readonly commonSince: number;
}

export function FigureView({ figure, commonSince }: FigureViewProps): ReactNode {
  const { name, value, isGood, since, behind } = figure;
  const [meaning, means] = meaningOf(isGood);
  const head = (
    <span className="flex min-w-0 flex-1 items-start gap-2 py-3">
      <StatusShape meaning={meaning} className="mt-1" />
      <span className="min-w-0">
        <span className="block text-sm text-ink-quiet">{name}</span>
        <span className="block font-medium">
          {plainLine(value)}
          <span className="sr-only"> ({means})</span>
        </span>
        {since !== null && since > commonSince && (
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
        <details className="group">
          <summary className="touch flex cursor-pointer items-center">
            {head}
            <span className="shrink-0 text-sm text-ink-quiet underline underline-offset-2">
              <span className="group-open:hidden">Show them</span>
              <span className="hidden group-open:inline">Hide them</span>
            </span>
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

/** The second is for whoever does not see the colour. */
function meaningOf(isGood: boolean | null): readonly [Meaning, string] {
  if (isGood === null) return ["unknown", "nobody has looked yet"];
  return isGood ? ["done", "as it should be"] : ["yours", "look at it"];
}

function Subject({ one: { subject, name } }: { readonly one: Behind }): ReactNode {
  const { data } = useTaskList();
  if (subject === null) return <span className="font-medium">{plainLine(name)}</span>;
  // Behind some figures a task stands by its id; the list may know what it is called.
  const title = data?.tasks.find(({ taskId }) => taskId === name)?.title ?? name;
  return (
    <Link
      {...(subject.kind === "task" ? pathTo.task(subject.id) : pathTo.nodes())}
      className="touch inline-flex items-center wrap-anywhere"
    >
      {plainLine(title)}
    </Link>
  );
}
