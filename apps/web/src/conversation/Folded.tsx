/** A long text of lines: its end is shown, and all of it on a press. */
import { type ReactNode, useState } from "react";

import { Button } from "../ui/Button.tsx";

export interface FoldedProps {
  /** Plain text already. */
  readonly text: string;
  readonly label: string;
  /** How many of its last lines, or with `from` of its first, are shown. */
  readonly shownLines: number;
  readonly from?: "start" | "end";
  readonly className?: string;
}

const longestLine = 2_000;

export function FoldedLines({ text, label, shownLines, from = "end", className }: FoldedProps): ReactNode {
  const [isWhole, setWhole] = useState(false);
  const lines = text.replace(/\n+$/, "").split("\n");
  const hidden = lines.length - shownLines;
  const isFolded = hidden > 2 && !isWhole;
  const shown = isFolded ? (from === "end" ? lines.slice(-shownLines) : lines.slice(0, shownLines)) : lines;
  const unfold = isFolded && (
    <Button kind="quiet" className="my-1" onClick={() => setWhole(true)}>
      Show {hidden} more lines {from === "end" ? "before" : "after"}
    </Button>
  );
  return (
    <>
      {from === "end" && unfold}
      <pre dir="ltr" tabIndex={0} role="region" aria-label={label} className={className}>
        {shown.map((line) => clipped(line)).join("\n")}
      </pre>
      {from === "start" && unfold}
    </>
  );
}

/** A line that is longer than any screen is cut, saying so: it would be laid out as a whole. */
function clipped(line: string): string {
  if (line.length <= longestLine) return line;
  return `${line.slice(0, longestLine)} … [${line.length - longestLine} characters more]`;
}
