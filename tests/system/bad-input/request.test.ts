/** A request that cannot be: refused before anything happens, with its field named; no task comes of it. */
import { problemSchema, type Problem } from "@sam/protocol/problem";
import { taskListSchema } from "@sam/protocol/task-api";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";

import { taskOf } from "../support/run-result.ts";
import { type CommandEnd, type Finisher, sam } from "../support/sam-command.ts";
import { shareSystem } from "../support/shared-system.ts";

const system = shareSystem();
const kilobytes64 = 64 * 1024;

function run(test: Finisher, input: string, ...args: readonly string[]): Promise<CommandEnd> {
  const { dataDirectory, folder } = system();
  return sam(test, ["run", "--repo", folder, ...args, "--file", "-"], { dataDirectory, input });
}

function send(method: string, path: string, body: string | null, token?: string): Promise<Response> {
  const { url, token: valid } = system().api.locate();
  return fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token ?? valid}`, "content-type": "application/json" },
    body,
    signal: AbortSignal.timeout(10_000),
  });
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get("content-type")).toContain("application/problem+json");
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

async function taskCount(): Promise<number> {
  return taskListSchema.parse(await (await send("GET", "/api/tasks", null)).json()).tasks.length;
}

describe("a prompt", () => {
  it.each([
    ["empty", "", "the prompt is empty"],
    ["blank", " \n\t\n", "the prompt is empty"],
    ["over 64 KB", "é".repeat(kilobytes64 / 2) + "x", "64 KB"],
  ])("that is %s is bad usage, and no task", async (_, prompt, expected) => {
    const before = await taskCount();
    const ended = await run({ onTestFinished }, prompt);
    expect(ended).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ended.stderr).toContain(expected);
    expect(ended.stderr).toContain("Nothing was submitted.");
    expect(await taskCount()).toBe(before);
  });

  it.each([
    ["empty", "", "prompt is empty: say what is to be done"],
    ["over 64 KB", "x".repeat(kilobytes64 + 1), "prompt is longer than 64 KB"],
  ])("that is %s is refused by the API too, naming the field", async (_, prompt, expected) => {
    const before = await taskCount();
    const response = await send("POST", "/api/tasks", JSON.stringify({ prompt, repository: { url: "/srv/x.git" } }));
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 422, code: "invalid_input", detail: expected });
    expect(problem.errors?.map(({ field }) => field)).toEqual(["prompt"]);
    expect(await taskCount()).toBe(before);
  });

  it("of exactly 64 KB, with every kind of character, arrives whole", async (test) => {
    const odd = "# \u0001\u001b[31m \u202e 😀 ' \" ` $( ) \\ \u2028 é\r\n";
    const block = "\n```sh\necho fits > fits.txt\n```\n";
    const room = kilobytes64 - Buffer.byteLength(odd + block);
    const prompt = odd + "x".repeat(room) + block;
    const repository = await system().repository("largest");
    const { dataDirectory } = system();
    const args = ["run", "--json", "--repo", repository.path, "--file", "-"];
    const task = taskOf(await sam(test, args, { dataDirectory, input: prompt }));
    expect(task).toMatchObject({ step: "completed", prompt });
    expect(await repository.read(task.branch, "fits.txt")).toBe("fits");
  });
});

describe("a body", () => {
  it.each([
    ["that is no JSON", "{", 422, "invalid_input"],
    ["that is another JSON", "[]", 422, "invalid_input"],
    ["of half a megabyte and more", JSON.stringify({ prompt: "x".repeat(600_000) }), 413, "payload_too_large"],
  ])("%s is refused with a problem", async (_, body, status, code) => {
    expect(await problemOf(await send("POST", "/api/tasks", body))).toMatchObject({ status, code });
  });

  it("names every field that is wrong at once", async () => {
    const body = { repository: { url: "relative", branch: "a..b" }, agentId: "../x", checkCommand: "", prompt: 7 };
    const { errors = [] } = await problemOf(await send("POST", "/api/tasks", JSON.stringify(body)));
    const fields = ["agentId", "checkCommand", "prompt", "repository.branch", "repository.url"];
    expect(errors.map(({ field }) => field).toSorted()).toEqual(fields);
  });
});

it("an agent that there is not fails the task with what there is", async (test) => {
  const repository = await system().repository("unknown-agent");
  const { dataDirectory } = system();
  const args = ["run", "--json", "--repo", repository.path, "--agent", "no-such-agent", "Do it."];
  const ended = await sam(test, args, { dataDirectory });
  expect(ended.exitCode).toBe(1);
  expect(taskOf(ended).failure).toMatchObject({
    reason: "agent_unknown",
    evidence: expect.stringContaining("runbook"),
    whatToDo: expect.stringContaining("sam doctor"),
  });
  expect(await repository.branches()).toEqual([]);
});

describe("without a session", () => {
  const elsewhere = "task_01J8ABCDEFGHJKMNPQRSTVWXYZ";
  const routes = [
    ["GET", "/api/tasks"],
    ["POST", "/api/tasks"],
    ["GET", `/api/tasks/${elsewhere}`],
    ["GET", `/api/tasks/${elsewhere}/messages`],
    ["GET", `/api/tasks/${elsewhere}/stream`],
    ["POST", `/api/tasks/${elsewhere}/cancel`],
    ["GET", "/api/nodes"],
    ["GET", "/api/projects"],
    ["GET", "/api/system"],
    ["GET", "/api/openapi.json"],
    ["GET", "/api/nonsense"],
  ] as const;

  it.each(routes)("%s %s is refused, and says where the token is", async (method, path) => {
    const answers = ["x", "y".repeat(43), "", "\u00ff".repeat(20)].map(async (token) =>
      problemOf(await send(method, path, method === "POST" ? "{}" : null, token)),
    );
    for (const problem of await Promise.all(answers)) {
      expect(problem).toMatchObject({ status: 401, code: "unauthenticated" });
      expect(problem.detail).toContain("token");
    }
  });

  it("liveness is told, and nothing else with it", async () => {
    const response = await send("GET", "/api/health", null, "");
    const { ok, version, ...rest } = z
      .looseObject({ ok: z.literal(true), version: z.string() })
      .parse(await response.json());
    expect({ ok, version: version.length > 0, rest }).toEqual({ ok: true, version: true, rest: {} });
  });

  it("a task of nobody's is not found, in every way to ask for it", async () => {
    for (const [method, path] of routes.filter(([, text]) => text.includes(elsewhere) && !text.endsWith("/stream"))) {
      expect(await problemOf(await send(method, path, null))).toMatchObject({ status: 404, code: "not_found" });
    }
  });
});
