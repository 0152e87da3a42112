/** One task, live or as it was: the conversation, what can be done at the thumb, and the proof. `/tasks/$taskId`. */
import type { TaskId } from "@sam/domain/ids";
import type { TaskView } from "@sam/protocol/task-api";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState, useSyncExternalStore } from "react";

import { noteAnswered } from "../../api/connection.ts";
import { keepTask, taskKeys, useTask } from "../../api/tasks.ts";
import { Chain } from "../../conversation/chain.ts";
import { ConversationList } from "../../conversation/ConversationList.tsx";
import { conversationOf, fetchTask, LiveTask } from "../../conversation/live-task.ts";
import { RepliesContext } from "../../inbox/replies-context.ts";
import { Composer } from "../../task/Composer.tsx";
import { DiffReview } from "../../task/DiffReview.tsx";
import { ModelTrouble } from "../../task/ModelTrouble.tsx";
import { PermissionDock } from "../../task/PermissionDock.tsx";
import { Proof } from "../../task/Proof.tsx";
import { Sheet } from "../../ui/Sheet.tsx";
import { Past } from "./Past.tsx";
import { TaskHeader } from "./TaskHeader.tsx";
import { TaskMissing } from "./TaskMissing.tsx";
import { TaskPending } from "./TaskPending.tsx";
import { useIsWide } from "./use-is-wide.ts";
import { useTaskTab } from "./use-task-tab.ts";

const route = getRouteApi("/shell/tasks/$taskId");

/** Contact moves without the stream's telling: the page asks, so that it never calls unknown what is known. */
const contactPollMs = 15_000;

export function TaskPage(): ReactNode {
  const { taskId } = route.useParams();
  const { asOf } = route.useSearch();
  return asOf === undefined ? <Live key={taskId} taskId={taskId} /> : <Past key={taskId} taskId={taskId} at={asOf} />;
}

function Live({ taskId }: { readonly taskId: TaskId }): ReactNode {
  const live = useLive(taskId);
  const { data: task, error, refetch } = useTask(taskId, contactPollMs);
  const { chain } = live;
  useEffect(() => {
    if (task !== undefined) chain.know(task);
  }, [chain, task]);
  if (task !== undefined) return <Shown task={task} live={live} />;
  return error === null ? <TaskPending /> : <TaskMissing error={error} retry={() => void refetch()} />;
}

interface Living {
  readonly live: LiveTask;
  readonly chain: Chain;
}

function useLive(taskId: TaskId): Living {
  const client = useQueryClient();
  const [living] = useState<Living>(() => {
    const live: LiveTask = new LiveTask(taskId, {
      onTask: (task) => {
        const before = client.getQueryData<TaskView>(taskKeys.one(taskId))?.step;
        keepTask(client, task);
        // The list beside the page says the same as the page.
        if (before !== task.step) void client.invalidateQueries({ queryKey: taskKeys.lists });
      },
      onDoubt: () => void client.invalidateQueries({ queryKey: taskKeys.one(taskId) }),
      onLive: () => {
        // Whoever is heard by its stream has answered.
        noteAnswered(false);
        chain.retry();
      },
    });
    const chain = new Chain(taskId, live.conversation, { conversationOf, fetchTask });
    return { live, chain };
  });
  useEffect(() => {
    living.live.start();
    return () => living.live.stop();
  }, [living]);
  return living;
}

interface ShownProps {
  readonly task: TaskView;
  readonly live: Living;
}

function Shown({ task, live: { live, chain } }: ShownProps): ReactNode {
  const { show } = route.useSearch();
  const navigate = route.useNavigate();
  const link = useSyncExternalStore(live.subscribe, live.linkState);
  const isWide = useIsWide();
  useTaskTab(task, link);
  const go = (next: "proof" | "diff" | undefined) =>
    void navigate({ search: next === undefined ? {} : { show: next }, hash: true, replace: next === undefined });
  const { conversation } = live;
  const proof = <Proof task={task} link={link} conversation={conversation} onReview={() => go("diff")} />;
  return (
    <div className="grid h-full grid-cols-1 grid-rows-[minmax(0,1fr)] wide:grid-cols-[minmax(0,1fr)_24rem]">
      <div className="flex min-h-0 min-w-0 flex-col">
        <TaskHeader task={task} link={link} onProof={() => go("proof")} />
        {!isWide && <ModelTrouble trouble={task.modelTrouble} />}
        <RepliesContext value={task.replies}>
          <ConversationList chain={chain} conversation={conversation} />
        </RepliesContext>
        <PermissionDock task={task} conversation={conversation} />
        <Composer task={task} />
      </div>
      {isWide ? (
        <aside aria-label="Proof" className="min-h-0 overflow-y-auto overscroll-contain border-l border-line p-4">
          {proof}
        </aside>
      ) : (
        <Sheet open={show === "proof"} onOpenChange={() => go(undefined)} title="Proof">
          {proof}
        </Sheet>
      )}
      <DiffReview open={show === "diff"} onClose={() => go(undefined)} conversation={conversation} />
    </div>
  );
}
