/** A task's page as it was at a moment: the same parts, with a clock that stands and nothing that can be done. */
import type { TaskId } from "@sam/domain/ids";
import { plainLine } from "@sam/domain/plain-text";
import type { TaskAsOf } from "@sam/protocol/task-as-of";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo } from "react";

import { useTask, useTaskAsOf } from "../../api/tasks.ts";
import { Chain } from "../../conversation/chain.ts";
import { ConversationList } from "../../conversation/ConversationList.tsx";
import type { LinkState } from "../../conversation/live-link.ts";
import { conversationOf, fetchTask } from "../../conversation/live-task.ts";
import { useTitle } from "../../layout/title.ts";
import { DiffReview } from "../../task/DiffReview.tsx";
import { Proof } from "../../task/Proof.tsx";
import { FixedNowProvider } from "../../time/fixed-now.ts";
import { exactText } from "../../time/words.ts";
import { Sheet } from "../../ui/Sheet.tsx";
import { MomentBar } from "./MomentBar.tsx";
import { TaskHeader } from "./TaskHeader.tsx";
import { TaskMissing } from "./TaskMissing.tsx";
import { TaskPending } from "./TaskPending.tsx";
import { useIsWide } from "./use-is-wide.ts";

const route = getRouteApi("/shell/tasks/$taskId");

export function Past({ taskId, at: asked }: { readonly taskId: TaskId; readonly at: number }): ReactNode {
  // An address may name a moment that has not come.
  const at = useMemo(() => Math.min(asked, Date.now()), [asked]);
  const { data: now } = useTask(taskId, false);
  const { data: then, error, refetch } = useTaskAsOf(taskId, at);
  if (then === undefined || now === undefined) {
    return error === null ? <TaskPending /> : <TaskMissing error={error} retry={() => void refetch()} />;
  }
  return (
    <FixedNowProvider value={then.at}>
      <Shown then={then} wantedAt={at} endsAt={endOf(now.receipt, now.clocks.frozenAt)} />
    </FixedNowProvider>
  );
}

/** The last moment at which something of it changed; null: it goes on. */
function endOf(receipt: readonly { readonly at: number }[], frozenAt: number | null): number | null {
  return frozenAt === null ? null : Math.max(frozenAt, ...receipt.map(({ at }) => at));
}

/** Nothing of the past is missed, so the page is never out of touch with it. */
const inTouch: LinkState = { kind: "live", since: 0 };

interface ShownProps {
  readonly then: TaskAsOf;
  readonly wantedAt: number;
  readonly endsAt: number | null;
}

function Shown({ then, wantedAt, endsAt }: ShownProps): ReactNode {
  const { task, at } = then;
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const isWide = useIsWide();
  const { conversation, chain } = useConversation(task.taskId, at);
  useEffect(() => chain.know(task), [chain, task]);
  useTitle(`As of ${exactText(at)}: ${plainLine(task.title)}`);
  const go = (next: "proof" | "diff" | undefined) =>
    void navigate({ search: { asOf: wantedAt, show: next }, hash: true, replace: next === undefined });
  const proof = <Proof task={task} link={inTouch} conversation={conversation} onReview={() => go("diff")} />;
  return (
    <div className="grid h-full grid-cols-1 grid-rows-[minmax(0,1fr)] wide:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-h-0 min-w-0 flex-col">
        <TaskHeader task={task} link={inTouch} onProof={() => go("proof")} />
        <ConversationList key={at} chain={chain} conversation={conversation} />
        <MomentBar then={then} wantedAt={wantedAt} endsAt={endsAt} />
      </div>
      {isWide ? (
        <aside aria-label="Proof" className="min-h-0 overflow-y-auto overscroll-contain border-l border-line p-4">
          {proof}
        </aside>
      ) : (
        <Sheet open={show === "proof"} onOpenChange={() => go(undefined)} title={`Proof as of ${exactText(at)}`}>
          {proof}
        </Sheet>
      )}
      <DiffReview open={show === "diff"} onClose={() => go(undefined)} conversation={conversation} />
    </div>
  );
}

/** Of each moment anew; what stands around it stays, so that a key that is pressed while a moment is fetched is not lost. */
function useConversation(taskId: TaskId, at: number) {
  const held = useMemo(() => {
    const conversation = conversationOf(taskId, at);
    return { conversation, chain: new Chain(taskId, conversation, { conversationOf, fetchTask }) };
  }, [taskId, at]);
  useEffect(() => {
    // What fails is told by the list, which asks again.
    held.conversation.open().catch(() => undefined);
  }, [held]);
  return held;
}
