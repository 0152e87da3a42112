/**
 * The book of a world: what really happened, written down by the world itself and by nobody that is tested. The rules are
 * held against it. What is wrong at the moment at which it happens is a breach right away.
 */
import type { TaskId, WorkspaceId } from "@sam/domain/ids";

import type { InboxCommand } from "../../../apps/vm-agent/src/store/inbox.ts";
import type { Commit } from "./machine/remote.ts";
import { short, type Trace } from "./trace.ts";

export interface FoundBreach {
  readonly rule: number;
  readonly about: string;
  readonly what: string;
}

/** A piece of work is one thing that an agent changed. */
export interface Piece {
  readonly id: string;
  readonly taskId: TaskId;
  readonly nodeId: string;
}

interface TaskPage {
  /** The updates of its agent, in the order in which the VM agent stored them. */
  readonly updates: string[];
  /** What the user said and was told is accepted, the first prompt excepted. */
  readonly said: string[];
  readonly carriedOut: string[];
  readonly answered: string[];
}

export class Book {
  readonly breaches: FoundBreach[] = [];
  readonly pieces: Piece[] = [];
  readonly pushes: { readonly taskId: TaskId; readonly ref: string; readonly commit: string }[] = [];
  /** What was saved last of a task's work before its workspace went. */
  readonly saved = new Map<TaskId, Commit>();
  /** The same by workspace, which the tasks that continue one another share. */
  readonly savedIn = new Map<WorkspaceId, Commit & { readonly by: TaskId }>();
  /** Tasks whose end was forced: what their machine could not say any more nobody counts on. */
  readonly forced = new Set<TaskId>();
  /** Pieces that their user gave up. */
  readonly discarded = new Set<string>();
  /** Pieces that went with a machine that failed: nothing can be promised of those. */
  readonly lostWithMachine = new Set<string>();
  readonly #trace: Trace;
  readonly #pages = new Map<string, TaskPage>();
  readonly #bootOf = new Map<string, string>();
  #updates = 0;

  constructor(trace: Trace) {
    this.#trace = trace;
  }

  page(taskId: string): TaskPage {
    const known = this.#pages.get(taskId);
    if (known !== undefined) return known;
    const made = { updates: [], said: [], carriedOut: [], answered: [] };
    this.#pages.set(taskId, made);
    return made;
  }

  /** The user no longer wants what was saved of this task. */
  givenUp(taskId: TaskId): void {
    const commit = this.saved.get(taskId);
    for (const id of commit?.pieces ?? []) this.discarded.add(id);
  }

  breach(rule: number, about: string, what: string): void {
    this.#trace.note(() => `BREACH of rule ${rule}: ${short(about)}: ${what}`);
    this.breaches.push({ rule, about, what });
  }

  nextUpdate(taskId: TaskId): string {
    this.#updates += 1;
    return `${short(taskId)} update ${this.#updates}`;
  }

  said(taskId: TaskId, text: string): void {
    this.page(taskId).updates.push(text);
  }

  /** @param boot of its VM agent: what a reboot cut short is taken up again, and that is not a second time. */
  carriedOut({ taskId, commandId }: InboxCommand, boot: string): void {
    const known = this.#bootOf.get(commandId);
    this.#bootOf.set(commandId, boot);
    if (known === undefined || known === boot) this.page(taskId).carriedOut.push(commandId);
  }

  answered(taskId: TaskId, requestId: string): void {
    const { answered } = this.page(taskId);
    if (answered.includes(requestId)) this.breach(8, taskId, `the question ${requestId} was answered twice`);
    answered.push(requestId);
  }
}
