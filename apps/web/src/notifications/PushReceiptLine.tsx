/** The receipt of a push in a line: to which browser, taken by its service when, shown when, pressed when; or why not. */
import { plainLine } from "@sam/domain/plain-text";
import type { PushReceipt } from "@sam/protocol/push-api";
import type { ReactNode } from "react";

import { useNow } from "../time/clock.ts";
import { clockText } from "../time/words.ts";
import { StatusShape } from "../ui/Status.tsx";
import { pushWords } from "./push-words.ts";

export interface PushReceiptLineProps {
  readonly receipt: PushReceipt;
  /** Whether it says to which browser, where that does not stand beside it. */
  readonly isNamed?: boolean;
}

export function PushReceiptLine({ receipt, isNamed = true }: PushReceiptLineProps): ReactNode {
  const now = useNow(5_000);
  const { meaning, parts } = pushWords(receipt, (at) => clockText(at, now));
  return (
    <span className="inline-flex items-start gap-1">
      <StatusShape meaning={meaning} className="mt-0.5 size-3" />
      <span>
        {isNamed && `${plainLine(receipt.browser)}: `}
        {parts.join(", ")}
      </span>
    </span>
  );
}
