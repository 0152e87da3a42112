/** Where the work is: the branch, the commit that it began from, and how to get it. */
import { plainLine } from "@sam/domain/plain-text";
import type { TaskView } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import { CopyButton } from "./CopyButton.tsx";
import { fetchCommand } from "./fetch-command.ts";

export function BranchFacts({ task }: { readonly task: TaskView }): ReactNode {
  const { branch, baseCommit, repository, verdicts } = task;
  const isPushed = verdicts.pushed?.holds === true;
  const command = fetchCommand(repository.url, branch);
  return (
    <div className="flex flex-col gap-2 text-sm">
      <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-2 gap-y-1">
        <dt className="text-ink-quiet">Repository</dt>
        <dd className="font-mono text-xs break-all">{plainLine(repository.url)}</dd>
        <dt className="text-ink-quiet">Branch</dt>
        <dd className="font-mono text-xs break-all">{plainLine(branch)}</dd>
        <dt className="text-ink-quiet">Began from</dt>
        <dd className="font-mono text-xs break-all">
          {baseCommit === null ? "not checked out yet" : baseCommit.slice(0, 12)}
        </dd>
      </dl>
      {isPushed ? (
        <div className="flex items-center gap-1 rounded-sm border border-line bg-sunken pl-2">
          <code className="min-w-0 flex-1 overflow-x-auto font-mono text-xs whitespace-nowrap">{command}</code>
          <CopyButton label="Copy the command that fetches the branch" text={command} />
        </div>
      ) : (
        <p className="text-ink-quiet">The branch is not on the remote: there is nothing to fetch yet.</p>
      )}
    </div>
  );
}
