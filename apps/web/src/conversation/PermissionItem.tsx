/** A question of the agent as it stands in the conversation, with its answer once it has one. It is answered below. */
import { answeredBy } from "@sam/domain/answered-by";
import { toolKindWords } from "@sam/domain/permission-policy";
import { plainLine, plainText } from "@sam/domain/plain-text";
import type { ReactNode } from "react";

import { useAnswerReceipt } from "../inbox/replies-context.ts";
import { ReplyReceipt } from "../inbox/ReplyReceipt.tsx";
import { answerWord, saysNothingMore } from "../task/permission-words.ts";
import { exactText } from "../time/words.ts";
import { StatusShape } from "../ui/Status.tsx";
import { FoldedLines } from "./Folded.tsx";
import { SamFrame } from "./frames.tsx";
import type { Item } from "./item.ts";

export function PermissionItem({ item }: { readonly item: Extract<Item, { kind: "permission" }> }): ReactNode {
  const { title, toolKind, detail, options } = item.question;
  const { settled } = item;
  const receipt = useAnswerReceipt(item.question.requestId);
  return (
    <SamFrame label={`the agent asks: ${plainLine(title)}`} seq={item.seq} at={item.at}>
      <p className="flex items-start gap-2 text-sm">
        {settled === null && <StatusShape meaning="yours" className="mt-0.5" />}
        <span>
          The agent asks to {toolKindWords[toolKind]}: <span className="font-medium">{plainLine(title)}</span>
        </span>
      </p>
      {detail !== null && !saysNothingMore(item.question) && (
        <FoldedLines
          label="What exactly it would do"
          text={plainText(detail)}
          shownLines={8}
          from="start"
          className="my-1 max-h-60 overflow-auto rounded-sm bg-sunken p-2 font-mono text-xs leading-5 whitespace-pre-wrap"
        />
      )}
      <p className="text-sm text-ink-quiet">
        {settled === null
          ? "Not answered yet."
          : `Answered ${answeredBy(settled.by)}: ${answerWord(options, settled.optionId)}, ${exactText(settled.at)}.`}
      </p>
      {receipt !== null && <ReplyReceipt reply={receipt} />}
    </SamFrame>
  );
}
