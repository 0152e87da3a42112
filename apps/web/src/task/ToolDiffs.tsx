/** What a tool call says that it changed, file by file. It is the agent's word: the diff of the work is git's. */
import { visibleLine, visibleText } from "@sam/domain/visible-text";
import type { ReactNode } from "react";

import type { ToolDiff } from "../conversation/agent-update.ts";
import { DiffBoundary } from "./DiffBoundary.tsx";
import { LazyVersionsView } from "./lazy-diff.tsx";

export function ToolDiffs({ diffs }: { readonly diffs: readonly ToolDiff[] }): ReactNode {
  return diffs.map(({ path, oldText, newText }, index) => {
    const name = visibleLine(path);
    const after = visibleText(newText);
    return (
      <figure
        key={`${index}-${path}`}
        aria-label={`Change to ${name}`}
        className="overflow-hidden rounded-sm border border-line"
      >
        <figcaption className="border-b border-line bg-raised px-2 py-1 font-mono text-xs">{name}</figcaption>
        <div className="max-h-[28rem] overflow-auto">
          <DiffBoundary text={after}>
            <LazyVersionsView path={name} before={visibleText(oldText)} after={after} />
          </DiffBoundary>
        </div>
      </figure>
    );
  });
}
