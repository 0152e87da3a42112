/** Submitting a task makes one task, however often it is said; and the list shows each task once. */
import { taskListSchema } from "@sam/protocol/task-api";
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import worker from "../src/worker.ts";
import { problemOf } from "./support/problem.ts";
import { Scene } from "./support/scene.ts";
import { taskIn } from "./support/steps.ts";
import { double, newTaskId, tokenFor } from "./support/world.ts";

const repository = { url: "/srv/project.git", branch: null };

describe("submitting", () => {
  it("twice with one id is one task, also at once; the same id for something else is refused", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const taskId = newTaskId();
    const body = { taskId, prompt: "Say hello", repository };
    const answers = await Promise.all(Array.from({ length: 5 }, () => scene.client.post("/api/tasks", body)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 201]);
    await scene.inStep(taskId, "node_provisioning");
    expect((await scene.client.post("/api/tasks", body)).status).toBe(201);
    for (const other of [{ prompt: "Say goodbye" }, { agentId: "other" }, { checkCommand: "npm test" }]) {
      const response = await scene.client.post("/api/tasks", { ...body, ...other });
      expect(response.status).toBe(409);
      expect((await problemOf(response)).detail).toContain(taskId);
    }
    expect((await scene.client.task(taskId)).prompt).toBe("Say hello");
    expect((await scene.client.messages(taskId)).filter(({ body: said }) => said.kind === "step")).toHaveLength(2);
    await scene.settled(taskId, await scene.nodeOf(taskId));
    expect((await double.state()).creates).toBe(1);
    await scene.expectOneRowChangeForEachTransition(taskId);
  });

  it("two tasks on one repository are of one project", async () => {
    const scene = await Scene.open({ status: "initializing" });
    await Promise.all([scene.submit(), scene.submit(), scene.submit()]);
    const { projects } = z
      .object({ projects: z.array(z.object({ repositoryUrl: z.string(), name: z.string() })) })
      .parse(await (await scene.client.fetch("/api/projects")).json());
    expect(projects).toEqual([{ repositoryUrl: "/srv/project.git", name: "project" }]);
  });

  it("a path on this machine is refused where the nodes are elsewhere", async () => {
    const scene = await Scene.open();
    const token = await tokenFor(scene.ownerId);
    const request = new Request<unknown, IncomingRequestCfProperties>("http://control.test/api/tasks", {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ prompt: "Say hello", repository }),
    });
    const response = await worker.fetch(request, { ...env, PROVIDER: "elsewhere" }, createExecutionContext());
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ field: "repository.url" }]);
  });
});

describe("the list of tasks", () => {
  async function pages(scene: Scene, limit: number): Promise<string[][]> {
    const found: string[][] = [];
    for (let before: string | null = ""; before !== null;) {
      const query: string = before === "" ? "" : `&before=${before}`;
      const response = await scene.client.fetch(`/api/tasks?limit=${limit}${query}`);
      const page = taskListSchema.parse(await response.json());
      found.push(page.tasks.map(({ taskId }) => taskId));
      before = page.nextBefore;
    }
    return found;
  }

  it("comes in pages without a gap and without a double, newest first", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const taskIds: string[] = [];
    for (let count = 0; count < 7; count += 1) {
      taskIds.push(await scene.submit());
      scene.clock.advance(1);
    }
    const newestFirst = taskIds.toReversed();
    for (const limit of [1, 3, 7, 50]) expect((await pages(scene, limit)).flat()).toEqual(newestFirst);
    expect((await pages(scene, 3)).map(({ length }) => length)).toEqual([3, 3, 1]);
  });

  it("shows those in one step alone", async () => {
    const { scene, taskId } = await taskIn("workspace_creation");
    await scene.submit({ repository: { url: "/srv/other.git" } });
    const response = await scene.client.fetch("/api/tasks?step=workspace_creation");
    const { tasks } = taskListSchema.parse(await response.json());
    expect(tasks.map((task) => task.taskId)).toContain(taskId);
    expect(tasks.every(({ step }) => step === "workspace_creation")).toBe(true);
  });

  it("one row that cannot be read hides no other, and is named", async () => {
    const scene = await Scene.open({ status: "initializing" });
    const [good, bad, alsoGood] = [await scene.submit(), await scene.submit(), await scene.submit()];
    await scene.settled(bad);
    await env.DB.prepare("UPDATE tasks SET step = 'dreaming' WHERE task_id = ?").bind(bad).run();
    const page = taskListSchema.parse(await (await scene.client.fetch("/api/tasks")).json());
    expect(page.tasks.map(({ taskId }) => taskId).toSorted()).toEqual([good, alsoGood].toSorted());
    expect(page.unreadable).toEqual([bad]);
    // The task itself is its runner's, and whole.
    expect((await scene.client.task(bad)).step).toBe("node_provisioning");
  });
});
