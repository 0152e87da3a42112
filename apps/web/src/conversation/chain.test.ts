import { makeId, type TaskId } from "@sam/domain/ids";
import type { TaskView } from "@sam/protocol/task-api";
import { describe, expect, it } from "vitest";

import { Chain, type Row } from "./chain.ts";
import { TaskConversation } from "./task-conversation.ts";
import { messages, note } from "./testing/messages.ts";

const idOf = (letter: string) => makeId("task", `01JAAAAAAAAAAAAAAAAAAAAAA${letter}`);
const root = idOf("A");
const middle = idOf("B");
const own = idOf("C");
const continues = new Map<TaskId, TaskId | null>([
  [root, null],
  [middle, root],
  [own, middle],
]);

const viewOf = (taskId: TaskId) =>
  ({ taskId, title: taskId, continues: continues.get(taskId) ?? null }) as unknown as TaskView;

function chainOf(lengths: Record<string, number>) {
  const conversationOf = (taskId: TaskId) => {
    const all = messages(Array.from({ length: lengths[taskId] ?? 0 }, (_, index) => note(`${taskId} ${index + 1}`)));
    return new TaskConversation({
      later: () => undefined,
      now: () => 0,
      nextFrame: (callback) => callback(),
      fetchPage: async (query) => ({
        lastSeq: all.length,
        messages: "before" in query ? all.filter(({ seq }) => seq < query.before).slice(-query.limit) : [],
      }),
    });
  };
  let fails = false;
  const conversation = conversationOf(own);
  const fetchTask = async (taskId: TaskId) => {
    if (fails) throw new Error("no answer");
    return viewOf(taskId);
  };
  const chain = new Chain(own, conversation, { conversationOf, fetchTask });
  return { chain, conversation, fail: (does: boolean) => void (fails = does) };
}

const shown = (rows: readonly Row[]) =>
  rows.map((row) => (row.kind === "task" ? `task ${row.taskId.at(-1)}` : `${row.taskId.at(-1)}${row.item.seq}`));

describe("a chain", () => {
  it("is the task's own conversation where it continues nothing", async () => {
    const { chain, conversation } = chainOf({ [own]: 3 });
    await conversation.open();
    expect(chain.snapshot().reachesStart).toBe(false);
    chain.know({ ...viewOf(own), continues: null });
    expect(shown(chain.snapshot().rows)).toEqual(["C1", "C2", "C3"]);
    expect(chain.snapshot().reachesStart).toBe(true);
  });

  it("goes back to the first task, each with its beginning, in their order", async () => {
    const { chain, conversation } = chainOf({ [own]: 2, [middle]: 1, [root]: 2 });
    await conversation.open();
    chain.know(viewOf(own));
    expect(shown(chain.snapshot().rows)).toEqual(["task C", "C1", "C2"]);
    await chain.loadOlder();
    expect(chain.snapshot().reachesStart).toBe(false);
    await chain.loadOlder();
    expect(shown(chain.snapshot().rows)).toEqual(["task A", "A1", "A2", "task B", "B1", "task C", "C1", "C2"]);
    expect(chain.snapshot().reachesStart).toBe(true);
    await chain.loadOlder();
    expect(chain.snapshot().rows).toHaveLength(8);
  });

  it("reads a task to its start before it looks for the one before", async () => {
    const { chain, conversation } = chainOf({ [own]: 400, [middle]: 1, [root]: 1 });
    await conversation.open();
    chain.know(viewOf(own));
    await chain.loadOlder();
    expect(chain.snapshot().rows.at(0)).toMatchObject({ kind: "task", taskId: own });
    await chain.loadOlder();
    expect(chain.snapshot().rows.at(0)).toMatchObject({ kind: "task", taskId: middle });
  });

  it("keeps the rows that did not change as they are", async () => {
    const { chain, conversation } = chainOf({ [own]: 5, [middle]: 2 });
    await conversation.open();
    chain.know(viewOf(own));
    await chain.loadOlder();
    const before = chain.snapshot().rows;
    conversation.take(messages([note("more")], 6));
    const after = chain.snapshot().rows;
    expect(after).toHaveLength(before.length + 1);
    expect(before.filter((row) => row.kind === "item").every((row) => after.includes(row))).toBe(true);
  });

  it("says what failed, and finds it when asked again", async () => {
    const { chain, conversation, fail } = chainOf({ [own]: 1, [middle]: 1 });
    await conversation.open();
    chain.know(viewOf(own));
    fail(true);
    await chain.loadOlder();
    expect(chain.snapshot().failure).toBeInstanceOf(Error);
    fail(false);
    chain.retry();
    expect(chain.snapshot()).toMatchObject({ failure: null });
    await chain.loadOlder();
    expect(chain.snapshot()).toMatchObject({ failure: null });
    expect(shown(chain.snapshot().rows)).toEqual(["task B", "B1", "task C", "C1"]);
  });
});
