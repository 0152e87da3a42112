/** The head of a task's page: the way back, what it is, how it stands, and what can be done to it as a whole. */
import { plainLine } from "@sam/domain/plain-text";
import type { TaskView } from "@sam/protocol/task-api";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";

import { useDeliver, useInterrupt } from "../../api/tasks.ts";
import type { LinkState } from "../../conversation/live-link.ts";
import { pathTo } from "../../path-builder.ts";
import { agentName } from "../../task/agent-name.ts";
import { CancelTask } from "../../task/CancelTask.tsx";
import { shownStatus } from "../../task/shown-status.ts";
import { useNow } from "../../time/clock.ts";
import { durationText } from "../../time/words.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { ErrorNotice } from "../../ui/ErrorNotice.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { StatusShape } from "../../ui/Status.tsx";
import { LinkNotice } from "./LinkNotice.tsx";

export interface TaskHeaderProps {
  readonly task: TaskView;
  readonly link: LinkState;
  readonly onProof: () => void;
}

export function TaskHeader({ task, link, onProof }: TaskHeaderProps): ReactNode {
  return (
    <header className="border-b border-line bg-canvas">
      <div className="flex items-center gap-1 px-2 py-1 tablet:px-4">
        <Link {...pathTo.home()} aria-label="Back to Home" className={buttonClass("quiet", "px-0 desk:hidden")}>
          <Icon name="back" />
        </Link>
        <div className="min-w-0 flex-1 py-1">
          <h1 className="truncate text-base leading-6 font-semibold" title={plainLine(task.title)}>
            {plainLine(task.title)}
          </h1>
          <p className="truncate text-xs text-ink-quiet">
            {agentName(task.agentId)} · {plainLine(repositoryName(task.repository.url))}
            {task.mode === "conversation" && " · conversation"}
          </p>
        </div>
        <Actions task={task} />
      </div>
      <StatusButton task={task} link={link} onProof={onProof} />
      <LinkNotice link={link} />
    </header>
  );
}

function repositoryName(url: string): string {
  return (
    url
      .replace(/\/+$/, "")
      .replace(/\.git$/, "")
      .split(/[/:]/)
      .at(-1) ?? url
  );
}

/** The status, which a press opens to its evidence. */
function StatusButton({ task, link, onProof }: TaskHeaderProps): ReactNode {
  const now = useNow();
  const { meaning, word, since } = shownStatus(task, link, now);
  const text = {
    done: "text-done",
    active: "text-active",
    yours: "text-yours",
    failed: "text-failed",
    unknown: "text-unknown",
  }[meaning];
  // A clock of whole seconds begins at one.
  const age = since === null ? "" : durationText(Math.max(1_000, now - since));
  return (
    <button
      type="button"
      onClick={onProof}
      aria-label={`Status: ${word}. Show the proof`}
      className="touch flex w-full items-center gap-2 px-3 text-left text-sm hover:bg-sunken tablet:px-4 wide:pointer-events-none"
    >
      <StatusShape meaning={meaning} />
      <span className={`line-clamp-2 min-w-0 leading-5 font-medium first-letter:uppercase ${text}`}>{word}</span>
      <span className="shrink-0 text-ink-quiet tabular-nums">{task.final ? `${age} ago` : `for ${age}`}</span>
      <span className="ml-auto flex shrink-0 items-center gap-1 text-ink-quiet wide:hidden">
        Proof
        <Icon name="chevron" className="size-4 shrink-0" />
      </span>
    </button>
  );
}

function Actions({ task }: { readonly task: TaskView }): ReactNode {
  const [asks, setAsks] = useState(false);
  const interrupt = useInterrupt(task.taskId);
  const deliver = useDeliver(task.taskId);
  const error = interrupt.error ?? deliver.error;
  return (
    <div className="flex shrink-0 items-center gap-1">
      {error !== null && (
        <div className="absolute inset-x-2 top-14 z-20">
          <ErrorNotice
            what="It was not done"
            error={error}
            kept="The task goes on as before."
            retry={() => {
              interrupt.reset();
              deliver.reset();
            }}
            retryLabel="Close"
          />
        </div>
      )}
      {task.canInterrupt && (
        <Button kind="quiet" busy={interrupt.isPending && "Interrupting"} onClick={() => interrupt.mutate()}>
          <Icon name="pause" />
          <span className="sr-only tablet:not-sr-only">Interrupt</span>
        </Button>
      )}
      {task.canDeliver && (
        <Button kind="secondary" busy={deliver.isPending && "Delivering"} onClick={() => deliver.mutate()}>
          Deliver
        </Button>
      )}
      {task.canCancel && (
        <Button kind="quiet" onClick={() => setAsks(true)}>
          <Icon name="stop" />
          <span className="sr-only tablet:not-sr-only">Cancel</span>
        </Button>
      )}
      <CancelTask task={task} open={asks} onOpenChange={setAsks} />
    </div>
  );
}
