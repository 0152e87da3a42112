/** The four verdicts with their evidence, a line each; what the check printed opens below its line. */
import type { Verdicts } from "@sam/domain/verdicts";
import type { ReactNode } from "react";

import { FoldedLines } from "../conversation/Folded.tsx";
import { terminalText } from "../conversation/terminal-text.ts";
import { StatusShape } from "../ui/Status.tsx";
import { verdictMarks } from "./verdict-words.ts";

export interface VerdictListProps {
  readonly verdicts: Verdicts;
  /** Whether what is not known will not be known any more. */
  readonly final: boolean;
}

export function VerdictList({ verdicts, final }: VerdictListProps): ReactNode {
  const output = terminalText(verdicts.checked?.outputTail ?? "").trimEnd();
  return (
    <ul aria-label="Verdicts" className="flex flex-col gap-1">
      {verdictMarks(verdicts, final).map(({ name, meaning, word, evidence }) => (
        <li
          key={name}
          aria-label={`${name}: ${word}, ${evidence}`}
          className="grid grid-cols-[1rem_minmax(0,1fr)] gap-x-2 text-sm leading-5"
        >
          <StatusShape meaning={meaning} className="mt-0.5" />
          <span>
            <span className="font-medium">{name}</span>
            <span className="sr-only">: {word}</span> <span className="text-ink-quiet">{evidence}</span>
          </span>
        </li>
      ))}
      {output !== "" && (
        <li className="pl-6">
          <details open={verdicts.checked?.outcome === "failed"}>
            <summary className="touch inline-flex items-center text-sm text-ink-quiet underline underline-offset-2">
              What the check printed
            </summary>
            <FoldedLines
              label="What the check printed"
              text={output}
              shownLines={20}
              className="max-h-80 overflow-auto rounded-sm border border-line bg-sunken p-2 font-mono text-xs leading-5 whitespace-pre-wrap"
            />
          </details>
        </li>
      )}
    </ul>
  );
}
