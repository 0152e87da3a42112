/** The proof of a task: what its status rests on, what it came to, and where and for how much it ran. */
import type { NodeId } from "@sam/domain/ids";
import { plainLine } from "@sam/domain/plain-text";
import type { TaskView } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useSyncExternalStore } from "react";

import type { LinkState } from "../conversation/live-link.ts";
import type { TaskConversation } from "../conversation/task-conversation.ts";
import { NextStepsBeside } from "../newcomer/NextSteps.tsx";
import { pathTo } from "../path-builder.ts";
import { useNow } from "../time/clock.ts";
import { useFixedNow } from "../time/fixed-now.ts";
import { Age } from "../ui/Age.tsx";
import { Button, buttonClass } from "../ui/Button.tsx";
import { Icon } from "../ui/Icon.tsx";
import { BranchFacts } from "./BranchFacts.tsx";
import { newestDiff, sizeOf } from "./diff-of.ts";
import { MachineFacts } from "./MachineFacts.tsx";
import { ModelTrouble } from "./ModelTrouble.tsx";
import { lineCounts } from "./patch-sections.ts";
import { ProofSection } from "./ProofSection.tsx";
import { hasReceipt, ReceiptLines } from "./ReceiptLines.tsx";
import { SavedWork } from "./SavedWork.tsx";
import { StatusEvidence } from "./StatusEvidence.tsx";
import { Timeline } from "./Timeline.tsx";
import { UsageFacts } from "./UsageFacts.tsx";
import { sizeText } from "./verdict-words.ts";
import { VerdictList } from "./VerdictList.tsx";

export interface ProofProps {
  readonly task: TaskView;
  readonly link: LinkState;
  readonly conversation: TaskConversation;
  readonly onReview: () => void;
}

export function Proof({ task, link, conversation, onReview }: ProofProps): ReactNode {
  const isPast = useFixedNow() !== null;
  return (
    <div className="flex flex-col gap-4">
      {!isPast && <NextStepsBeside taskId={task.taskId} />}
      <ModelTrouble trouble={task.modelTrouble} />
      <ProofSection title="Status">
        <StatusEvidence task={task} link={link} />
      </ProofSection>
      <ProofSection title="Verdicts">
        <VerdictList verdicts={task.verdicts} final={task.final} />
      </ProofSection>
      <DiffSummary final={task.final} conversation={conversation} onReview={onReview} />
      {hasReceipt(task) && (
        <ProofSection title="Receipt">
          <ReceiptLines task={task} />
        </ProofSection>
      )}
      {task.savedWork !== null && (
        <ProofSection title="Saved work">
          <SavedWork taskId={task.taskId} work={task.savedWork} canDiscard={task.canDiscardSavedWork} />
        </ProofSection>
      )}
      <ProofSection title="Timeline" aside={!isPast && <LookBack task={task} />}>
        <Timeline task={task} />
      </ProofSection>
      <ProofSection title="Branch">
        <BranchFacts task={task} />
      </ProofSection>
      <ProofSection title="Machine">
        {isPast ? <MachineThen nodeId={task.nodeId} /> : <MachineFacts nodeId={task.nodeId} />}
      </ProofSection>
      <ProofSection title="Usage and cost">
        <Usage task={task} conversation={conversation} />
      </ProofSection>
    </div>
  );
}

/** The page as it was: it begins at the end, or at the present. */
function LookBack({ task }: { readonly task: TaskView }): ReactNode {
  const now = useNow();
  return (
    <Link {...pathTo.taskAsOf(task.taskId, task.clocks.frozenAt ?? now)} className={buttonClass("secondary")}>
      <Icon name="clock" />
      Look back
    </Link>
  );
}

/** A node tells what it is, and not what it was. */
function MachineThen({ nodeId }: { readonly nodeId: NodeId | null }): ReactNode {
  if (nodeId === null) return <p className="text-sm text-ink-quiet">It had no machine then.</p>;
  return (
    <p className="text-sm text-ink-quiet">
      It was on <span className="font-mono text-xs break-all">{nodeId}</span>. What the machine is, is told of the
      present alone.
    </p>
  );
}

/** @returns the newest diff; older messages are looked through for it while it is shown. */
export function useNewestDiff(conversation: TaskConversation) {
  const { items, reachesStart, isOpen, failure } = useSyncExternalStore(conversation.subscribe, conversation.snapshot);
  const item = newestDiff(items);
  const isLooking = item === null && isOpen && !reachesStart && failure === null;
  useEffect(() => {
    // What fails is told above the conversation.
    if (isLooking) conversation.loadOlder().catch(() => undefined);
  }, [isLooking, items, conversation]);
  return { item, isLooking };
}

const listedFiles = 8;

interface DiffSummaryProps {
  readonly final: boolean;
  readonly conversation: TaskConversation;
  readonly onReview: () => void;
}

function DiffSummary({ final, conversation, onReview }: DiffSummaryProps): ReactNode {
  const { item, isLooking } = useNewestDiff(conversation);
  const files = item?.diff.files ?? [];
  const review = files.length > 0 && <Button onClick={onReview}>Review the diff</Button>;
  return (
    <ProofSection title="Diff" aside={review}>
      {item === null && (
        <p className="text-sm text-ink-quiet">
          {isLooking
            ? "Looking for it in older messages"
            : `None ${final ? "was reported" : "reported yet"}: it comes at the end of each turn.`}
        </p>
      )}
      {item !== null && (
        <p className="text-sm text-ink-quiet">
          {files.length === 0 ? "Nothing differs from where it began" : sizeText(sizeOf(item.diff))}, as of{" "}
          <Age at={item.at} />
        </p>
      )}
      {files.length > 0 && (
        <ul aria-label="Files of the diff" className="flex flex-col gap-0.5 text-xs">
          {files.slice(0, listedFiles).map((file) => (
            <li key={file.path} className="flex justify-between gap-2">
              <span className="min-w-0 truncate font-mono" title={plainLine(file.path)}>
                {plainLine(file.path)}
              </span>
              <span className="shrink-0 text-ink-quiet tabular-nums">{lineCounts(file)}</span>
            </li>
          ))}
          {files.length > listedFiles && <li className="text-ink-quiet">and {files.length - listedFiles} more</li>}
        </ul>
      )}
    </ProofSection>
  );
}

function Usage({ task, conversation }: Pick<ProofProps, "task" | "conversation">): ReactNode {
  const { context } = useSyncExternalStore(conversation.subscribe, conversation.snapshot);
  return <UsageFacts usage={task.usage} room={context} />;
}
