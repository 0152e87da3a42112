/**
 * A gap is a place in the conversation whose messages have not come, though later ones have. It says which, that they are
 * being fetched, or since they could not be, when that is tried again.
 */
import { createContext, type ReactNode, useContext } from "react";

import { useNow } from "../time/clock.ts";
import { durationText } from "../time/words.ts";
import { Button } from "../ui/Button.tsx";
import { reasonOf } from "../ui/ErrorNotice.tsx";
import type { GapFailure } from "./task-conversation.ts";

interface GapTrouble {
  readonly failure: GapFailure | null;
  readonly retry: () => void;
}

export const GapContext = createContext<GapTrouble>({ failure: null, retry: () => undefined });

export interface GapLineProps {
  readonly seq: number;
  readonly lastSeq: number;
}

export function GapLine({ seq, lastSeq }: GapLineProps): ReactNode {
  const { failure, retry } = useContext(GapContext);
  const which = seq === lastSeq ? `Message ${seq} is missing` : `Messages ${seq}–${lastSeq} are missing`;
  if (failure === null) return `${which}: fetching.`;
  return (
    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span>
        {which}, and could not be fetched. {reasonOf(failure.error)}
        {failure.retryAt !== null && <Again at={failure.retryAt} />}
      </span>
      <Button onClick={retry}>Fetch now</Button>
    </span>
  );
}

function Again({ at }: { readonly at: number }): ReactNode {
  const now = useNow();
  return ` Tried again in ${durationText(Math.max(0, at - now))}.`;
}
