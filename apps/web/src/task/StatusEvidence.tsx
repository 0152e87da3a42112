/** The evidence of a status: which fact, from whom, how old, the deadline, and what happens then. Its ages tick. */
import { plainLine } from "@sam/domain/plain-text";
import { progressText } from "@sam/domain/progress-words";
import type { TaskView } from "@sam/protocol/task-api";
import type { ReactNode } from "react";

import type { LinkState } from "../conversation/live-link.ts";
import { contactSilentMs, stepWord } from "../status/task-status.ts";
import { useNow } from "../time/clock.ts";
import { durationText } from "../time/words.ts";
import { Age, Duration } from "../ui/Age.tsx";
import { Status } from "../ui/Status.tsx";
import { shownStatus, silentSince } from "./shown-status.ts";
import { ownerWord, progressConsequence, progressMeaning } from "./step-owner.ts";

export interface StatusEvidenceProps {
  readonly task: TaskView;
  readonly link: LinkState;
}

export function StatusEvidence({ task, link }: StatusEvidenceProps): ReactNode {
  const now = useNow();
  const { meaning, word, since } = shownStatus(task, link, now);
  const { inStateSince, frozenAt } = task.clocks;
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-2">
        <Status meaning={meaning} word={word} />
        <span className="text-ink-quiet">
          {task.final ? (
            <Age at={inStateSince} />
          ) : (
            <>
              for <Duration since={since ?? inStateSince} until={frozenAt} />
            </>
          )}
        </span>
      </p>
      <PageSilence task={task} link={link} now={now} />
      {task.final ? <Ended task={task} /> : <Waits task={task} now={now} />}
    </>
  );
}

function PageSilence({ task, link, now }: StatusEvidenceProps & { readonly now: number }): ReactNode {
  const since = silentSince(task, link, now);
  if (since === null) return null;
  return (
    <p className="border-l-2 border-dashed border-line-strong pl-2 text-sm text-ink-quiet">
      This page has heard nothing for {durationText(now - since)}. What is below was true then; the task goes on where
      it runs.
    </p>
  );
}

function Ended({ task }: { readonly task: TaskView }): ReactNode {
  const { failure, clocks, createdAt, savedRef, savedWork } = task;
  return (
    <div className="flex flex-col gap-1 text-sm">
      <p className="text-ink-quiet">
        It took {durationText((clocks.frozenAt ?? clocks.inStateSince) - createdAt)} in all. No clock of it moves any
        more.
      </p>
      {failure !== null && (
        <>
          <p className="max-h-48 overflow-auto font-mono text-xs leading-5 whitespace-pre-wrap">
            {plainLine(failure.evidence)}
          </p>
          <p>{failure.whatToDo}</p>
        </>
      )}
      {savedRef !== null && savedWork === null && (
        <p>What was not pushed is saved on the node as {plainLine(savedRef)}.</p>
      )}
    </div>
  );
}

function Waits({ task, now }: { readonly task: TaskView; readonly now: number }): ReactNode {
  const { step, clocks, waitsFor, attempt, queuePlace, progress } = task;
  const counts = progressMeaning(step);
  const isSilent = clocks.lastContactAt !== null && now - clocks.lastContactAt > contactSilentMs;
  return (
    <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-2 gap-y-1 text-sm">
      <dt className="text-ink-quiet">Waits for</dt>
      <dd>
        {waitsFor ?? stepWord(step)}
        {ownerWord(step) !== null && <span className="text-ink-quiet"> (moved on by {ownerWord(step)})</span>}
      </dd>
      <dt className="text-ink-quiet">Last progress</dt>
      <dd>
        {clocks.lastProgressAt === null ? "none yet in this step" : <Age at={clocks.lastProgressAt} />}
        {progress !== null && <span>: {progressText(progress)}</span>}
        <span className="block text-xs text-ink-quiet">
          {counts === null ? "Nothing short of the next step is progress here." : `It moves when ${counts}.`}
        </span>
      </dd>
      <dt className="text-ink-quiet">Last contact</dt>
      <dd className={isSilent ? "border-l-2 border-dashed border-line-strong pl-2" : ""}>
        {clocks.lastContactAt === null ? (
          "none yet"
        ) : (
          <>
            {isSilent && "unknown since then: "}
            <Age at={clocks.lastContactAt} />
          </>
        )}
        <span className="block text-xs text-ink-quiet">
          When its machine was heard, or its node answered while that is being made; no progress.
        </span>
      </dd>
      <Deadline at={task.deadlineAt} then={task.onDeadline} now={now} label="Deadline" />
      <Deadline at={task.progressDeadlineAt} then={progressConsequence(step)} now={now} label="Without progress" />
      {attempt > 1 && (
        <>
          <dt className="text-ink-quiet">Try</dt>
          <dd>{attempt}</dd>
        </>
      )}
      {queuePlace !== null && (
        <>
          <dt className="text-ink-quiet">Queue</dt>
          <dd>place {queuePlace}</dd>
        </>
      )}
    </dl>
  );
}

interface DeadlineProps {
  readonly label: string;
  readonly at: number | null;
  readonly then: string | null;
  readonly now: number;
}

function Deadline({ label, at, then, now }: DeadlineProps): ReactNode {
  if (at === null) return null;
  return (
    <>
      <dt className="text-ink-quiet">{label}</dt>
      <dd>
        <Age at={at} />
        {now > at && ", and it is looked at"}
        {then !== null && <span>: then it {then}</span>}
      </dd>
    </>
  );
}
