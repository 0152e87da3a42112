/** What stands at the edges of the list: that older messages are coming, and the way back to the end. */
import { type ReactNode, useState } from "react";

import { Button } from "../ui/Button.tsx";
import { ErrorNotice } from "../ui/ErrorNotice.tsx";
import type { Row } from "./chain.ts";

export interface AboveProps {
  readonly failure: unknown;
  readonly isWaiting: boolean;
  readonly retry: () => void;
}

/** Above the oldest message: older ones are coming, or could not be had. */
export function Above({ failure, isWaiting, retry }: AboveProps): ReactNode {
  if (!isWaiting) return null;
  return (
    <div className="pointer-events-none absolute inset-x-0 top-0 flex justify-center p-2">
      <div className="pointer-events-auto rounded-md border border-line bg-canvas">
        {failure === null ? (
          <p role="status" className="px-3 py-1 text-xs text-ink-quiet">
            Older messages are coming
          </p>
        ) : (
          <ErrorNotice
            what="Older messages could not be loaded"
            error={failure}
            kept="What is below stays."
            retry={retry}
          />
        )}
      </div>
    </div>
  );
}

/** Leads back to the end, and says how much has come there since. */
export function ToTheEnd({
  rows,
  onPress,
}: {
  readonly rows: readonly Row[];
  readonly onPress: () => void;
}): ReactNode {
  const [seen] = useState(() => rows.at(-1)?.key);
  const index = rows.findLastIndex(({ key }) => key === seen);
  const fresh = index === -1 ? 0 : rows.length - 1 - index;
  return (
    <div className="pointer-events-none absolute inset-x-0 bottom-2 flex justify-center">
      <Button className="pointer-events-auto shadow-over" onClick={onPress}>
        {fresh === 0 ? "To the end" : `${fresh} new`}
        <span aria-hidden="true">↓</span>
      </Button>
    </div>
  );
}
