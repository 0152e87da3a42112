/** The files of the work with what was added and taken away; each opens to its part of the patch. */
import type { WorkDiff } from "@sam/domain/diff";
import { visibleLine, visibleText } from "@sam/domain/visible-text";
import { type ReactNode, useState } from "react";

import { cx } from "../ui/cx.ts";
import { Icon } from "../ui/Icon.tsx";
import { DiffBoundary } from "./DiffBoundary.tsx";
import { LazyPatchView } from "./lazy-diff.tsx";
import { type ChangedFile, changedFiles, lineCounts } from "./patch-sections.ts";

/** So few files are open at first. */
const openAtFirst = 3;

export function DiffFiles({ diff }: { readonly diff: WorkDiff }): ReactNode {
  const files = changedFiles(diff);
  return (
    <ul aria-label="Changed files" className="flex flex-col gap-2">
      {files.map((changed) => (
        <FileRow key={changed.file.path} changed={changed} opensAtFirst={files.length <= openAtFirst} />
      ))}
    </ul>
  );
}

interface FileRowProps {
  readonly changed: ChangedFile;
  readonly opensAtFirst: boolean;
}

function FileRow({ changed: { file, patch }, opensAtFirst }: FileRowProps): ReactNode {
  const [isOpen, setOpen] = useState(opensAtFirst && patch !== null);
  const path = visibleLine(file.path);
  const from = file.oldPath === null ? "" : `${visibleLine(file.oldPath)} → `;
  const isBinary = file.insertions === null;
  const why =
    patch === null ? (isBinary ? "Binary: not shown." : "Too large to be shown here: look at the branch.") : null;
  return (
    <li className="overflow-hidden rounded-sm border border-line">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="touch flex w-full items-center gap-2 bg-raised px-2 text-left hover:bg-sunken"
      >
        <Icon name="chevron" className={cx("size-4 shrink-0", isOpen && "rotate-90")} />
        <span className="min-w-0 flex-1 font-mono text-xs break-all">
          {from}
          {path}
        </span>
        <span className="shrink-0 text-xs text-ink-quiet">{file.status}</span>
        <span className="shrink-0 text-xs tabular-nums">{lineCounts(file)}</span>
      </button>
      {isOpen && why !== null && <p className="px-3 py-2 text-sm text-ink-quiet">{why}</p>}
      {isOpen && patch !== null && (
        <DiffBoundary text={visibleText(patch)}>
          <LazyPatchView patch={visibleText(patch)} />
        </DiffBoundary>
      )}
    </li>
  );
}
