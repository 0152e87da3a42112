/** Saved work over all tasks: what was not pushed when a workspace was removed, where it lies, and how it comes back. */
import { plainLine } from "@sam/domain/plain-text";
import type { SavedWorkRow } from "@sam/protocol/saved-work-api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useSavedWork } from "../../api/saved-work.ts";
import { Page } from "../../layout/Page.tsx";
import { QueryNotice } from "../../layout/QueryNotice.tsx";
import { pathTo } from "../../path-builder.ts";
import { SavedWork } from "../../task/SavedWork.tsx";
import { EmptyState } from "../../ui/EmptyState.tsx";
import { SkeletonRows } from "../../ui/Skeleton.tsx";

export function SavedPage(): ReactNode {
  const query = useSavedWork();
  const { data } = query;
  return (
    <Page
      title="Saved work"
      tabTitle={data === undefined ? "Saved work" : `Saved work (${data.works.length})`}
      lead="What was not pushed when a workspace was removed. It lies under a ref of its own, never on a branch, and the next thing that you say to its task brings it back."
    >
      <QueryNotice
        query={query}
        what="The saved work could not be listed"
        loading={<SkeletonRows label="Loading saved work" />}
      />
      {data?.works.length === 0 && (
        <EmptyState title="No saved work">
          Of the workspaces that were removed nothing is kept. What a task that goes on has done is in its workspace.
        </EmptyState>
      )}
      <div className="flex flex-col divide-y divide-line border-y border-line empty:hidden">
        {data?.works.map((row) => (
          <SavedRow key={row.taskId} row={row} />
        ))}
      </div>
      {data !== undefined && data.unreadable.length > 0 && (
        <p className="text-failed">Could not be read: {data.unreadable.map(plainLine).join(", ")}</p>
      )}
      {data !== undefined && data.nextBefore !== null && (
        <p className="text-ink-quiet">
          These are the newest; older ones are listed by the command: sam saved --before {data.nextBefore}
        </p>
      )}
    </Page>
  );
}

function SavedRow({ row }: { readonly row: SavedWorkRow }): ReactNode {
  const { taskId, title, repositoryUrl, savedWork } = row;
  return (
    <article aria-label={plainLine(title)} className="flex flex-col gap-2 py-4">
      <header className="min-w-0">
        <Link {...pathTo.task(taskId)} className="touch flex items-center">
          <span className="min-w-0 truncate font-medium">{plainLine(title)}</span>
        </Link>
        <p className="truncate font-mono text-xs text-ink-quiet">{plainLine(repositoryUrl)}</p>
      </header>
      <SavedWork taskId={taskId} work={savedWork} canDiscard={savedWork.isKept} />
    </article>
  );
}
