/** A task's work as a diff: in one line, and as git printed it. */
import type { WorkDiff } from "@sam/domain/diff";
import { visibleLine, visibleText } from "@sam/domain/visible-text";

import type { Colour, Paint } from "../terminal/style.ts";

const namedFiles = 3;

/** Such as `2 files changed, +12 −3: a.txt, b.txt`. */
export function diffSummary(diff: WorkDiff): string {
  const { files } = diff;
  if (files.length === 0) return "Nothing is changed.";
  const sum = (pick: "insertions" | "deletions") => files.reduce((total, file) => total + (file[pick] ?? 0), 0);
  const names = files.slice(0, namedFiles).map(({ path }) => visibleLine(path));
  const more = files.length > namedFiles ? ` and ${files.length - namedFiles} more` : "";
  const changed = `${files.length} ${files.length === 1 ? "file" : "files"} changed`;
  return `${changed}, +${sum("insertions")} −${sum("deletions")}: ${names.join(", ")}${more}`;
}

/** The patch, line by line, with nothing in it that a terminal would act on; coloured where that is wanted. */
export function diffLines(diff: WorkDiff, paint: Paint): readonly string[] {
  const lines = diff.patch === "" ? [] : diff.patch.replace(/\n$/, "").split("\n");
  let inHeader = true;
  const shown = lines.map((raw) => {
    // What is reviewed hides nothing, and a line of the patch stays one whatever it holds.
    const line = visibleText(raw.replace(/\r$/, "")).replaceAll("\t", "  ");
    if (line.startsWith("diff --git ")) inHeader = true;
    if (line.startsWith("@@ ")) inHeader = false;
    const colour = inHeader ? "bold" : colourOf(line);
    return colour === null ? line : paint(colour, line);
  });
  const left = diff.leftOutFiles.map((path) => paint("amber", `▲ left out, since it is large: ${visibleLine(path)}`));
  return [...shown, ...left];
}

function colourOf(line: string): Colour | null {
  if (line.startsWith("@@ ")) return "grey";
  if (line.startsWith("+")) return "green";
  return line.startsWith("-") ? "red" : null;
}
