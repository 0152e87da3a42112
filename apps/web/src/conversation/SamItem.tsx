/** What SAM says in a conversation: steps, notes, the ends of turns, verdicts, lines of the receipt, failures. */
import { answeredBy } from "@sam/domain/answered-by";
import { plainLine, plainText } from "@sam/domain/plain-text";
import { receiptWords } from "@sam/domain/receipt";
import { modelCallsText, usageScope, usageText } from "@sam/domain/usage-words";
import type { ReactNode } from "react";

import { reasonWord, stepWord } from "../status/task-status.ts";
import { answerWord } from "../task/permission-words.ts";
import { counted, sizeText } from "../task/verdict-words.ts";
import { VerdictList } from "../task/VerdictList.tsx";
import { durationText } from "../time/words.ts";
import { StatusShape } from "../ui/Status.tsx";
import { SamFrame } from "./frames.tsx";
import { GapLine } from "./GapLine.tsx";
import type { Item, SamItem as Said } from "./item.ts";
import { PermissionItem } from "./PermissionItem.tsx";

type Of<Kind extends Item["kind"]> = Extract<Item, { kind: Kind }>;

export function SamItem({ item }: { readonly item: Said }): ReactNode {
  switch (item.kind) {
    case "permission":
      return <PermissionItem item={item} />;
    case "settled":
      return (
        <Line item={item} label="a question was answered">
          A question was answered {answeredBy(item.settled.by)}: {answerWord([], item.settled.optionId)}.
        </Line>
      );
    case "step":
      return <StepLine item={item} />;
    case "note":
      return (
        <Line item={item} label="note">
          <span className="whitespace-pre-wrap">{plainText(item.text)}</span>
        </Line>
      );
    case "turn_ended":
      return <TurnLine item={item} />;
    case "diff":
      return <DiffLine item={item} />;
    case "verdicts":
      return (
        <SamFrame label="verdicts" seq={item.seq} at={item.at}>
          <VerdictList verdicts={item.verdicts} final={false} />
        </SamFrame>
      );
    case "receipt":
      return (
        <Line item={item} label="receipt">
          <span className="font-medium">{receiptWords[item.entry.line]}</span>: {plainLine(item.entry.proof)}
        </Line>
      );
    case "failure":
      return <FailureLines item={item} />;
    case "unreadable":
      return (
        <Line item={item} label="a message that cannot be shown">
          Message {item.seq} is not shown: {plainLine(item.why)}.
        </Line>
      );
    case "gap":
      return (
        <Line item={item} label="messages are missing">
          <GapLine seq={item.seq} lastSeq={item.lastSeq} />
        </Line>
      );
  }
}

interface LineProps {
  readonly item: Said;
  readonly label: string;
  readonly children: ReactNode;
}

function Line({ item, label, children }: LineProps): ReactNode {
  return (
    <SamFrame label={label} seq={item.seq} at={item.at}>
      <p className="text-sm leading-5 text-ink-quiet">{children}</p>
    </SamFrame>
  );
}

function StepLine({ item }: { readonly item: Of<"step"> }): ReactNode {
  const { from, to, tookMs } = item.step;
  const took = from === null || tookMs === null ? "" : ` · ${stepWord(from)} took ${durationText(tookMs)}`;
  return (
    <SamFrame label={`step ${stepWord(to)}`} seq={item.seq} at={item.at}>
      <p className="text-sm leading-5" title={plainLine(item.step.text)}>
        <span className="font-medium">{stepWord(to)}</span>
        <span className="hidden text-ink-quiet tablet:inline">{took}</span>
      </p>
    </SamFrame>
  );
}

function TurnLine({ item }: { readonly item: Of<"turn_ended"> }): ReactNode {
  const { stopReason, detail, usage, model } = item.ended;
  return (
    <Line item={item} label={`turn ended: ${plainLine(stopReason)}`}>
      The agent ended its turn: {plainLine(stopReason).replaceAll("_", " ")}.
      {item.planLeft > 0 &&
        ` ${counted(item.planLeft, "step")} of its plan ${item.planLeft === 1 ? "is" : "are"} not ticked off.`}
      {detail !== null && ` ${plainLine(detail)}`}
      {model !== null && ` ${modelCallsText(model)}.`}
      {usage !== null && ` It used ${usageText(usage)}, ${usageScope(usage, "turn")}.`}
    </Line>
  );
}

function DiffLine({ item }: { readonly item: Of<"diff"> }): ReactNode {
  const { files, leftOutFiles } = item.diff;
  const insertions = files.reduce((sum, file) => sum + (file.insertions ?? 0), 0);
  const deletions = files.reduce((sum, file) => sum + (file.deletions ?? 0), 0);
  return (
    <Line item={item} label="diff">
      {files.length === 0
        ? "The work differs in nothing from the commit that it began from."
        : `The work so far: ${sizeText({ files: files.length, insertions, deletions })}.`}
      {leftOutFiles.length > 0 && ` ${counted(leftOutFiles.length, "file")} too large to be shown.`}
    </Line>
  );
}

function FailureLines({ item }: { readonly item: Of<"failure"> }): ReactNode {
  const { reason, evidence, whatToDo } = item.failure;
  return (
    <SamFrame
      label={`failed: ${reasonWord(reason)}`}
      seq={item.seq}
      at={item.at}
      className="border-l-2 border-failed bg-failed-soft"
    >
      <p className="flex items-center gap-2 text-sm font-medium text-failed">
        <StatusShape meaning="failed" />
        Failed: {plainLine(reasonWord(reason))}
      </p>
      {evidence.trim() !== "" && (
        <pre className="my-1 max-h-60 overflow-auto font-mono text-xs leading-5 whitespace-pre-wrap">
          {plainText(evidence).trim()}
        </pre>
      )}
      <p className="text-sm">{plainLine(whatToDo)}</p>
    </SamFrame>
  );
}
