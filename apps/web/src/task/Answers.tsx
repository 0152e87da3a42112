/** The answers that a question takes, as buttons. The words are ours: an agent's own name for a yes may read like a no. */
import type { ReactNode } from "react";

import { Button } from "../ui/Button.tsx";
import { optionWords, orderedOptions, type Permission, refuses } from "./permission-words.ts";

export interface AnswersProps {
  readonly options: Permission["options"];
  /** The option that is being given, null being none of them; undefined: none is yet. */
  readonly given: string | null | undefined;
  readonly onGive: (optionId: string | null) => void;
}

export function Answers({ options, given, onGive }: AnswersProps): ReactNode {
  return (
    <div role="group" aria-label="Answers" className="grid grid-cols-2 gap-2 tablet:flex tablet:flex-wrap">
      {orderedOptions(options).map((option) => {
        const { word, name } = optionWords(option);
        return (
          <Button
            key={option.optionId}
            kind={option.kind === "allow_once" ? "primary" : "secondary"}
            busy={given === option.optionId && word}
            disabled={given !== undefined}
            onClick={() => onGive(option.optionId)}
            className="h-auto py-1"
          >
            <span className="flex min-w-0 flex-col">
              {word}
              {name !== null && <span className="text-xs font-normal">{name}</span>}
            </span>
          </Button>
        );
      })}
      {!options.some(refuses) && (
        <Button busy={given === null && "Closing"} disabled={given !== undefined} onClick={() => onGive(null)}>
          Give no answer
        </Button>
      )}
    </div>
  );
}
