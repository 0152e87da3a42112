/** A job is one command of one task while it is carried out. */
import type { TaskId } from "@sam/domain/ids";
import type { NodeTaskEvent } from "@sam/domain/node-task";

import type { DiskLayout } from "../boot/disk-layout.ts";
import type { Settings } from "../boot/settings.ts";
import type { GrantSource } from "../channel/grant-desk.ts";
import type { SavedWorks } from "../saved/saved-works.ts";
import type { KnownSecrets } from "../secret/known-secrets.ts";
import type { Inbox, InboxBody, InboxCommand } from "../store/inbox.ts";
import type { Outbox } from "../store/outbox.ts";
import type { StateStore } from "../store/state-database.ts";
import type { TaskRecords } from "../store/task-records.ts";
import type { KeptHomes } from "../teardown/kept-homes.ts";

/** What every task of a node shares. */
export interface NodeContext {
  readonly settings: Settings;
  readonly layout: DiskLayout;
  readonly state: StateStore;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly records: TaskRecords;
  readonly grants: GrantSource;
  readonly secrets: KnownSecrets;
  readonly homes: KeptHomes;
  readonly saved: SavedWorks;
}

/** A body of one type. */
export type BodyOf<Type extends InboxBody["type"]> = Extract<InboxBody, { type: Type }>;

export interface Job<Body extends InboxBody = InboxBody> {
  readonly node: NodeContext;
  readonly taskId: TaskId;
  readonly command: InboxCommand;
  readonly body: Body;
  /** Aborted when a tear-down or the end of the process comes first. */
  readonly signal: AbortSignal;
}

/**
 * Says an event that nothing depends on, such as a phase: the work does not wait for the disk. It still comes before
 * everything that is said later. Nothing is said for a job that was aborted.
 */
export function saySoon(job: Job, event: NodeTaskEvent): void {
  if (job.signal.aborted) return;
  job.node.state.commitSoon(() => {
    job.node.outbox.append(job.taskId, event);
  });
}

/** The last change of a job: what it brought about, what is said of it, and that the command is done, at once. */
export function finish(job: Job, change: () => void, ...events: readonly NodeTaskEvent[]): Promise<void> {
  const { state, inbox, outbox } = job.node;
  return state.commit(() => {
    change();
    for (const event of events) outbox.append(job.taskId, event);
    inbox.finish(job.command.commandId);
  });
}
