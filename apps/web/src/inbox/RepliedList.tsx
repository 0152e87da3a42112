/** What you answered here just now, with the receipt of each as it comes; it leaves with the page. */
import { plainLine } from "@sam/domain/plain-text";
import { isOpen } from "@sam/domain/reply";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { useTask } from "../api/tasks.ts";
import { Section } from "../layout/Page.tsx";
import { pathTo } from "../path-builder.ts";
import type { Replied } from "./replied.ts";
import { ReplyReceipt } from "./ReplyReceipt.tsx";

/** A receipt that is on its way is looked for this often. */
const receiptPollMs = 1_000;

export function RepliedList({ replied }: { readonly replied: readonly Replied[] }): ReactNode {
  if (replied.length === 0) return null;
  return (
    // In sight wherever in the list the answer was given.
    <div className="sticky bottom-0 -mx-4 max-h-[35dvh] overflow-y-auto overscroll-contain border-t border-line bg-canvas px-4 py-2 tablet:mx-0 tablet:border-x">
      <Section title="Answered just now">
        <ul className="flex flex-col divide-y divide-line">
          {replied.map((one) => (
            <Entry key={`${one.taskId} ${one.acceptedAt} ${one.requestId}`} replied={one} />
          ))}
        </ul>
      </Section>
    </div>
  );
}

function Entry({
  replied: { taskId, title, requestId, acceptedAt, words, late },
}: {
  readonly replied: Replied;
}): ReactNode {
  const { data: task } = useTask(taskId, late === null ? receiptPollMs : false);
  const reply = task?.replies.find((one) => one.requestId === requestId && one.acceptedAt === acceptedAt) ?? null;
  return (
    <li className="flex flex-col gap-1 py-2">
      <p>
        <span className="font-medium">{words}</span>:{" "}
        <Link {...pathTo.task(taskId)} className="underline underline-offset-2">
          {plainLine(title)}
        </Link>
      </p>
      {late !== null && <p className="text-sm text-ink-quiet">{plainLine(late)}</p>}
      {reply !== null && <ReplyReceipt reply={reply} />}
      {reply !== null && !isOpen(reply) && <span className="sr-only">The receipt is whole.</span>}
    </li>
  );
}
