/** Following a task to its end, or to the point where the person turns away from it. */
import type { TaskView } from "@sam/protocol/task-api";

import type { ApiClient } from "../client/api-client.ts";
import { followStream } from "../client/task-stream.ts";
import type { TaskReporter } from "./task-reporter.ts";

export interface FollowOptions {
  readonly taskId: string;
  readonly after?: number;
  readonly signal?: AbortSignal;
  /** Told after the reporter, whenever the task's facts moved. */
  onTask?(task: TaskView): void;
}

/** @returns the task as it ended, with every message reported; null where the signal aborted before. */
export async function followTask(
  api: ApiClient,
  options: FollowOptions,
  reporter: TaskReporter,
): Promise<TaskView | null> {
  let ended: TaskView | null = null;
  let lastSeq = await followStream(api, options, {
    onMessage: (message) => reporter.message(message),
    onTask: (task) => {
      reporter.task(task);
      options.onTask?.(task);
      if (task.final) ended = task;
      return !task.final;
    },
    onLost: (since) => reporter.lost(since),
    onBack: (since) => reporter.back(since),
  });
  if (ended === null) return null;
  // What was stored with the end itself, or right after it.
  for (;;) {
    const page = await api.messages(options.taskId, lastSeq);
    for (const message of page.messages) reporter.message(message);
    lastSeq = page.messages.at(-1)?.seq ?? page.lastSeq;
    if (lastSeq >= page.lastSeq) return ended;
  }
}
