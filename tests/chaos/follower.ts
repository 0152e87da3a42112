/** A follower reads a task's conversation live, through every disconnect, and notes what it was shown: messages and facts. */
import type { TaskSight, TaskState } from "@sam/domain/rules/task-record";
import type { TaskView } from "@sam/protocol/task-api";

import type { ApiClient } from "../../apps/sam/src/client/api-client.ts";
import { followStream } from "../../apps/sam/src/client/task-stream.ts";

export class Follower {
  readonly seqs: number[] = [];
  readonly sights: TaskSight[] = [];
  task: TaskView | null = null;
  /** Why following ended, where it ended by an error. */
  error: string | null = null;
  readonly #stop = new AbortController();
  readonly #following: Promise<void>;

  constructor(api: ApiClient, taskId: string) {
    const options = { taskId, signal: this.#stop.signal };
    const handlers = {
      onMessage: ({ seq }: { readonly seq: number }) => void this.seqs.push(seq),
      onTask: (task: TaskView) => this.#see(task),
    };
    this.#following = followStream(api, options, handlers).then(
      () => undefined,
      (error: unknown) => {
        this.error = error instanceof Error ? error.message : String(error);
      },
    );
  }

  /** Whether it left before all was over, and so may not have been shown the last of it. */
  hasLeft = false;

  async leave(): Promise<void> {
    this.hasLeft = true;
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#following;
  }

  #see(task: TaskView): true {
    this.task = task;
    this.sights.push({ at: latestIn(task), state: stateOf(task) });
    return true;
  }
}

/** What the rules ask of a task, and no more: a run keeps many sights. */
export function stateOf(task: TaskView): TaskState {
  const { taskId, step, version, createdAt, clocks, deadlineAt, nodeId, branch, prompt, repository } = task;
  const { verdicts, failure, receipt, unproven, savedRef } = task;
  const end = { verdicts, failure, receipt, unproven, savedRef };
  return { taskId, step, version, createdAt, clocks, deadlineAt, nodeId, branch, prompt, repository, ...end };
}

/** A frame may have been held up on its way, and says not when it was made: not before the latest time that it names. */
function latestIn({ clocks }: TaskView): number {
  return Math.max(...Object.values(clocks).map((at) => at ?? 0));
}
