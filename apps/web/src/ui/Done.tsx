/** Says beside the button what was just done, and how long ago: read aloud when it comes. */
import type { ReactNode } from "react";

import { Age } from "./Age.tsx";

export interface DoneProps {
  /** When it was asked for; null: nothing was done yet. */
  readonly at: number | null;
  /** The fact and what follows from it. */
  readonly children: ReactNode;
}

export function Done({ at, children }: DoneProps): ReactNode {
  return (
    <p role="status" className="text-ink-quiet empty:hidden">
      {at !== null && (
        <>
          {children} <Age at={at} />
        </>
      )}
    </p>
  );
}
