/** What you said, whole or folded where it is long. It is shown as you wrote it, not as markdown. */
import { plainText } from "@sam/domain/plain-text";
import type { ReactNode } from "react";

import { useTurnReceipt } from "../inbox/replies-context.ts";
import { ReplyReceipt } from "../inbox/ReplyReceipt.tsx";
import type { UserItem } from "./item.ts";
import { Moment } from "./Moment.tsx";
import { useOpen } from "./open-rows.ts";

const foldedLines = 12;

export function PromptItem({ item }: { readonly item: UserItem }): ReactNode {
  const [isOpen, toggle] = useOpen(item.key);
  const receipt = useTurnReceipt(item.turn);
  const lines = plainText(item.text).trim().split("\n");
  const hidden = lines.length - foldedLines;
  const isFolded = hidden > 2 && !isOpen;
  return (
    <div role="group" aria-label="You" data-author="user" className="rounded-md bg-accent-soft px-3 py-2">
      <p className="flex items-baseline justify-between gap-2 pb-1 text-xs">
        <span className="font-semibold text-accent">You</span>
        <Moment seq={item.seq} at={item.at} />
      </p>
      <p dir="auto" className="text-[0.9375rem] leading-6 whitespace-pre-wrap">
        {(isFolded ? lines.slice(0, foldedLines) : lines).join("\n")}
      </p>
      {hidden > 2 && (
        <button
          type="button"
          aria-expanded={isOpen}
          onClick={toggle}
          className="touch text-sm text-accent underline underline-offset-2"
        >
          {isOpen ? "Fold it" : `Show ${hidden} more lines`}
        </button>
      )}
      {receipt !== null && <ReplyReceipt reply={receipt} />}
    </div>
  );
}
