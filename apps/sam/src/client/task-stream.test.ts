/** The stream of a task, over real sockets to a real workerd, through everything that breaks it. */
import type { Message } from "@sam/protocol/message";
import type { TaskView } from "@sam/protocol/task-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { TestSystem } from "../../test/support/running-system.ts";
import { someTask } from "../../test/support/some-task.ts";
import { createStandIn, type StandIn } from "../../test/support/stand-in.ts";
import { until } from "../../test/support/until.ts";
import { locateDataDirectory } from "../data-directory/data-directory.ts";
import { ApiClient } from "./api-client.ts";
import { ApiError } from "./api-error.ts";
import { locateSystem } from "./endpoint.ts";
import { followStream } from "./task-stream.ts";

let standIn: StandIn;
let system: TestSystem;
let api: ApiClient;

beforeAll(async () => {
  standIn = createStandIn();
  system = await TestSystem.start(standIn);
  api = new ApiClient(locateSystem(locateDataDirectory(standIn.dataDirectory)));
});
afterAll(async () => {
  await system.end();
  standIn.remove();
});

const ids = ["A", "B", "C", "D"].map((letter) => `task_01J0000000000000000000000${letter}`);

interface Append {
  readonly messages?: readonly Message[];
  readonly task?: TaskView;
  readonly drop?: boolean;
}

function append(taskId: string, what: Append): Promise<unknown> {
  return until("it is stored", async () => {
    const { status } = await system.call("POST", `/api/tasks/${taskId}/messages`, what);
    return status === 200;
  });
}

function notes(from: number, to: number): Message[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const seq = from + index;
    return { seq, at: seq, author: "sam", body: { kind: "note", text: String(seq) } };
  });
}

function follow(taskId: string, after = 0) {
  const seen: number[] = [];
  const contact: string[] = [];
  const done = followStream(
    api,
    { taskId, after },
    {
      onMessage: ({ seq }) => void seen.push(seq),
      onTask: ({ final }) => !final,
      onLost: () => void contact.push("lost"),
      onBack: () => void contact.push("back"),
    },
  );
  return { seen, contact, done };
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}

describe("a stream", () => {
  it("hands on the past, then what comes, and ends with the task", async () => {
    const [taskId = ""] = ids;
    await append(taskId, { messages: notes(1, 3), task: someTask() });
    const { seen, contact, done } = follow(taskId);
    await until("the past is there", () => seen.length === 3);
    await append(taskId, { messages: notes(4, 5) });
    await append(taskId, { task: someTask({ step: "completed", final: true }) });
    expect(await done).toBe(5);
    expect(seen).toEqual(upTo(5));
    expect(contact).toEqual([]);
  });

  it("hands on every message once and in order, although the server drops it and repeats itself", async () => {
    const taskId = ids[1] ?? "";
    await append(taskId, { messages: notes(1, 2), task: someTask() });
    const { seen, contact, done } = follow(taskId);
    await until("the past is there", () => seen.length === 2);
    await append(taskId, { messages: notes(3, 4), drop: true });
    await until("it is back", () => contact.includes("back"));
    await append(taskId, { messages: notes(5, 6), task: someTask({ step: "failed", final: true }) });
    expect(await done).toBe(6);
    expect(seen).toEqual(upTo(6));
    expect(contact).toEqual(["lost", "back"]);
  });

  it("hands on every message once and in order, although workerd is killed outright", async () => {
    const taskId = ids[2] ?? "";
    await append(taskId, { messages: notes(1, 10), task: someTask() });
    const { seen, contact, done } = follow(taskId);
    await until("the past is there", () => seen.length === 10);
    process.kill(system.workerdPid, "SIGKILL");
    await until("contact is lost", () => contact.includes("lost"));
    await append(taskId, { messages: notes(11, 20) });
    await append(taskId, { messages: [], task: someTask({ step: "completed", final: true }) });
    expect(await done).toBe(20);
    expect(seen).toEqual(upTo(20));
  });

  it("asks only for what it has not seen", async () => {
    const { seen, done } = follow(ids[2] ?? "", 17);
    expect(await done).toBe(20);
    expect(seen).toEqual([18, 19, 20]);
  });

  it("ends when its reader turns away", async () => {
    const taskId = ids[3] ?? "";
    await append(taskId, { messages: notes(1, 1), task: someTask() });
    const turned = new AbortController();
    const options = { taskId, signal: turned.signal };
    const last = await followStream(api, options, { onMessage: () => turned.abort(), onTask: () => true });
    expect(last).toBe(1);
  });

  it("gives up at once on a task that is not there", async () => {
    const [error] = await Promise.allSettled([
      followStream(api, { taskId: "task_unknown" }, { onMessage: () => undefined, onTask: () => true }),
    ]);
    expect(error.status === "rejected" && error.reason).toBeInstanceOf(ApiError);
  });
});
