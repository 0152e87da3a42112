/** One thing that waits for you: what is asked, since when, what it costs meanwhile, what happens then, and the answers. */
import { plainLine } from "@sam/domain/plain-text";
import type { InboxItem } from "@sam/protocol/inbox-api";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { PushReceiptLine } from "../notifications/PushReceiptLine.tsx";
import { pathTo } from "../path-builder.ts";
import { statusOfRow } from "../status/task-status.ts";
import { agentName } from "../task/agent-name.ts";
import { Age, Duration } from "../ui/Age.tsx";
import { buttonClass } from "../ui/Button.tsx";
import { StatusShape } from "../ui/Status.tsx";
import { InboxQuestion } from "./InboxQuestion.tsx";
import { InboxWords } from "./InboxWords.tsx";
import { Meanwhile } from "./Meanwhile.tsx";
import { ReleaseLine } from "./ReleaseLine.tsx";
import type { Replied } from "./replied.ts";

export interface InboxEntryProps {
  readonly item: InboxItem;
  /** Told when an answer or words were accepted. */
  readonly onReplied?: ((replied: Replied) => void) | undefined;
}

export function InboxEntry({ item, onReplied }: InboxEntryProps): ReactNode {
  const { task, projectName, since, wait } = item;
  const { meaning } = statusOfRow(task, task.updatedAt);
  const deadlineAt = wait?.deadlineAt ?? task.deadlineAt;
  return (
    <li className="flex flex-col gap-2 py-3">
      <div>
        <Link
          {...pathTo.task(task.taskId)}
          data-list-item=""
          className="touch flex items-center gap-2 font-medium no-underline hover:underline"
        >
          <StatusShape meaning={meaning} />
          <span className="min-w-0">{plainLine(task.title)}</span>
        </Link>
        <p className="pl-6 text-xs text-ink-quiet">
          {projectName !== null && `${plainLine(projectName)} · `}
          {agentName(task.agentId)} · waits for <Duration since={since} until={null} />
        </p>
      </div>
      <div className="flex flex-col gap-2 pl-6">
        <Asked item={item} onReplied={onReplied} />
        <p className="text-xs text-ink-quiet">
          <Meanwhile cost={item.cost} /> {wait !== null && <ReleaseLine release={wait.release} />}{" "}
          {deadlineAt !== null && (
            <>
              Left alone, it {plainLine(wait?.onDeadline ?? "ends")} <Age at={deadlineAt} />.
            </>
          )}
        </p>
        {item.pushes.map((receipt) => (
          <p key={receipt.pushId} className="text-xs text-ink-quiet">
            <PushReceiptLine receipt={receipt} />
          </p>
        ))}
      </div>
    </li>
  );
}

function Asked({ item, onReplied }: InboxEntryProps): ReactNode {
  const { task, wait } = item;
  if (wait === null) {
    return (
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 flex-1 basis-60">What it waits for is not known: its runner did not answer just now.</p>
        <Link {...pathTo.task(task.taskId)} className={buttonClass()}>
          Open the conversation
        </Link>
      </div>
    );
  }
  const { permission } = wait;
  return permission === null ? (
    <InboxWords taskId={task.taskId} wait={wait} onReplied={onReplied} />
  ) : (
    <InboxQuestion
      key={permission.requestId}
      taskId={task.taskId}
      title={task.title}
      permission={permission}
      further={wait.furtherPermissions}
      onReplied={onReplied}
    />
  );
}
