/** The patch of a task's work, cut into a section a file. It is git's own text about an agent's files: paths are only shown. */
import type { FileChange, WorkDiff } from "@sam/domain/diff";

export interface ChangedFile {
  readonly file: FileChange;
  /** Null where it was left out because of its size, or git printed none. */
  readonly patch: string | null;
}

/** @returns every changed file with its part of the patch, in the order of the list. */
export function changedFiles({ files, patch, leftOutFiles }: WorkDiff): readonly ChangedFile[] {
  const sections = patchSections(patch);
  const leftOut = new Set(leftOutFiles);
  const shown = files.filter(({ path }) => !leftOut.has(path));
  // git prints the sections in the order of its list; where the numbers differ, the names decide.
  const inOrder = shown.length === sections.length;
  return files.map((file) => {
    if (leftOut.has(file.path)) return { file, patch: null };
    const ordered = inOrder ? sections[shown.indexOf(file)] : undefined;
    return { file, patch: ordered ?? sections.find((section) => isOf(section, file)) ?? null };
  });
}

/** Lines end where git ends them: an agent's text can hold what a regular expression takes for the end of a line. */
function patchSections(patch: string): readonly string[] {
  return patch.split(/(?:^|(?<=\n))(?=diff --git )/).filter((section) => section.startsWith("diff --git "));
}

function isOf(section: string, { path }: FileChange): boolean {
  const lines = section.split("\n");
  const hunks = lines.findIndex((line) => line.startsWith("@@"));
  return lines
    .slice(0, hunks === -1 ? undefined : hunks)
    .some((line) => line.endsWith(` b/${path}`) || line === `+++ b/${path}` || line === `--- a/${path}`);
}

/** Such as "+12 −4", or "binary". */
export function lineCounts({ insertions, deletions }: FileChange): string {
  return insertions === null || deletions === null ? "binary" : `+${insertions} −${deletions}`;
}
