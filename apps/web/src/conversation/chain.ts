/**
 * A chain is a task's conversation with those of the finished tasks that it continues, one above the other, back to the
 * first. It is read backwards: a task before is looked for once the start of the one behind it is held.
 */
import type { TaskId } from "@sam/domain/ids";
import type { TaskView } from "@sam/protocol/task-api";

import type { Item } from "./item.ts";
import type { ConversationSnapshot, GapFailure, TaskConversation } from "./task-conversation.ts";

/** What the list shows in one place: the beginning of a task, or an item of its conversation. */
export type Row =
  | { readonly key: string; readonly taskId: TaskId; readonly kind: "item"; readonly item: Item }
  | { readonly key: string; readonly taskId: TaskId; readonly kind: "task"; readonly task: TaskView };

export interface ChainSnapshot {
  readonly rows: readonly Row[];
  /** Of the page's own task. */
  readonly ownTaskId: TaskId;
  /** Whose agent speaks in which task, as far as that is known. */
  readonly agentIds: ReadonlyMap<TaskId, string>;
  readonly isOpen: boolean;
  /** Nothing older is to be asked for. */
  readonly reachesStart: boolean;
  readonly failure: unknown;
  /** What is missing of the page's own task could not be fetched. */
  readonly gapFailure: GapFailure | null;
}

export interface ChainPorts {
  readonly fetchTask: (taskId: TaskId) => Promise<TaskView>;
  readonly conversationOf: (taskId: TaskId) => TaskConversation;
}

interface Link {
  readonly taskId: TaskId;
  readonly conversation: TaskConversation;
  readonly rowOf: (item: Item) => Row;
  /** Null until it is known. */
  task: TaskView | null;
  /** Of the conversation as it was when they were made. */
  made: { readonly of: ConversationSnapshot; readonly rows: readonly Row[] } | null;
}

export class Chain {
  readonly #ports: ChainPorts;
  /** The task of this page first, the one that it continues next. */
  readonly #links: [Link, ...Link[]];
  readonly #listeners = new Set<() => void>();
  #loading: Promise<void> | null = null;
  #failure: unknown = null;
  #snapshot: ChainSnapshot;

  constructor(taskId: TaskId, conversation: TaskConversation, ports: ChainPorts) {
    this.#ports = ports;
    this.#links = [linkOf(taskId, conversation)];
    conversation.subscribe(this.#changed);
    this.#snapshot = this.#look();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): ChainSnapshot => this.#snapshot;

  /** What is known of the page's own task: whether it continues another one is told by it. */
  know(task: TaskView): void {
    const [own] = this.#links;
    const isNew =
      own.task?.continues !== task.continues || own.task.title !== task.title || own.task.agentId !== task.agentId;
    if (!isNew) return;
    own.task = task;
    own.made = null;
    this.#changed();
  }

  /** A page more of the past, of whichever task it is. What fails is told by the snapshot, and can be asked for again. */
  async loadOlder(): Promise<void> {
    this.#loading ??= this.#load().finally(() => {
      this.#loading = null;
    });
    await this.#loading;
  }

  /** What failed before may be asked for anew: the connection is back. */
  retry(): void {
    this.#failure = null;
    for (const { conversation } of this.#links) conversation.retry();
    this.#changed();
  }

  async #load(): Promise<void> {
    const oldest = this.#links.at(-1) ?? this.#links[0];
    try {
      if (!oldest.conversation.snapshot().isOpen) await oldest.conversation.open();
      else if (!oldest.conversation.snapshot().reachesStart) await oldest.conversation.loadOlder();
      else await this.#lengthen(oldest);
      if (this.#failure === null) return;
      this.#failure = null;
      this.#changed();
    } catch (error) {
      this.#failure = error;
      this.#changed();
    }
  }

  async #lengthen({ task }: Link): Promise<void> {
    const taskId = task?.continues ?? null;
    if (taskId === null || this.#links.some((link) => link.taskId === taskId)) return;
    const before = await this.#ports.fetchTask(taskId);
    const link = linkOf(taskId, this.#ports.conversationOf(taskId));
    link.task = before;
    link.conversation.subscribe(this.#changed);
    this.#links.push(link);
    await link.conversation.open();
  }

  readonly #changed = (): void => {
    this.#snapshot = this.#look();
    for (const listener of this.#listeners) listener();
  };

  #look(): ChainSnapshot {
    const isChain = this.#links.length > 1 || (this.#links[0].task?.continues ?? null) !== null;
    const rows = this.#links.toReversed().flatMap((link) => rowsOf(link, isChain));
    const oldest = this.#links.at(-1) ?? this.#links[0];
    const { reachesStart } = oldest.conversation.snapshot();
    const own = this.#links[0].conversation.snapshot();
    return {
      rows,
      ownTaskId: this.#links[0].taskId,
      agentIds: new Map(this.#links.flatMap(({ taskId, task }) => (task === null ? [] : [[taskId, task.agentId]]))),
      isOpen: own.isOpen,
      reachesStart: reachesStart && oldest.task !== null && oldest.task.continues === null,
      failure: this.#failure ?? own.failure,
      gapFailure: own.gapFailure,
    };
  }
}

function linkOf(taskId: TaskId, conversation: TaskConversation): Link {
  const rows = new WeakMap<Item, Row>();
  const rowOf = (item: Item): Row => {
    const row = rows.get(item) ?? { key: `${taskId} ${item.key}`, taskId, kind: "item", item };
    rows.set(item, row);
    return row;
  };
  return { taskId, conversation, rowOf, task: null, made: null };
}

function rowsOf(link: Link, isChain: boolean): readonly Row[] {
  const { taskId, task, conversation } = link;
  const snapshot = conversation.snapshot();
  if (link.made?.of === snapshot) return link.made.rows;
  const items = snapshot.items.map(link.rowOf);
  const begins = isChain && task !== null && snapshot.reachesStart;
  const rows: readonly Row[] = begins ? [{ key: `${taskId} task`, taskId, kind: "task", task }, ...items] : items;
  link.made = { of: snapshot, rows };
  return rows;
}
