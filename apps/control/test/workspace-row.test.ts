/** The row of a workspace that several tasks work in, one after the other: it is the newest's, whatever comes late. */
import type { TaskFacts } from "@sam/domain/task-facts";
import { lifeIn, nextTaskId, nodeId, otherNodeId, otherTaskId, taskId } from "@sam/domain/testing/task-life";
import { env } from "cloudflare:workers";
import { drizzle } from "drizzle-orm/d1";
import { describe, expect, it } from "vitest";

import { recordWorkspace } from "../src/task/task-projection.ts";
import { prepareDatabase } from "./support/world.ts";

const first = lifeIn("running").facts;
const second = continuing(nextTaskId, taskId);
const third = continuing(otherTaskId, nextTaskId);

function continuing(own: typeof taskId, before: typeof taskId): TaskFacts {
  const continues = { taskId: before, rootTaskId: taskId, branch: "sam/b", sessionId: null, nodeId, summary: "" };
  return lifeIn("running", { taskId: own, continues }).facts;
}

async function record(facts: TaskFacts, state: "standing" | "removed", on = nodeId): Promise<void> {
  await recordWorkspace(drizzle(env.DB), facts, on, state, Date.now());
}

async function rows(): Promise<unknown[]> {
  const { results } = await env.DB.prepare("SELECT task_id AS taskId, node_id AS nodeId, state FROM workspaces").all();
  return results;
}

describe("the row of a workspace", () => {
  it("says removed of the task that has it alone: late words of the one before it change nothing", async () => {
    await prepareDatabase();
    await record(first, "standing");
    await record(second, "standing", otherNodeId);
    await record(first, "removed");
    await record(first, "standing");
    expect(await rows()).toEqual([{ taskId: nextTaskId, nodeId: otherNodeId, state: "standing" }]);
    await record(second, "removed", otherNodeId);
    expect(await rows()).toMatchObject([{ taskId: nextTaskId, state: "removed" }]);
  });

  it("goes to a task of the chain though the one between never had it", async () => {
    await prepareDatabase();
    await record(first, "standing");
    await record(third, "standing");
    expect(await rows()).toMatchObject([{ taskId: otherTaskId, state: "standing" }]);
  });

  it("stays as it is where the same is recorded again", async () => {
    await prepareDatabase();
    for (let times = 0; times < 3; times += 1) await record(first, "standing");
    expect(await rows()).toEqual([{ taskId, nodeId, state: "standing" }]);
  });
});
