/** Hostile use of the network: by another port's page and its server, by another owner, from inside of the sandbox. */
import { globSync, readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { join } from "node:path";

import { makeId } from "@sam/domain/ids";
import { proofHeader, streamProtocol } from "@sam/protocol/session-api";
import type { TaskView } from "@sam/protocol/task-api";
import { userDataSchema } from "@sam/protocol/user-data";
import { protocolVersion } from "@sam/protocol/version";
import { ulid } from "ulid";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { openContext, shareBrowser } from "../browser/support/chromium.ts";
import { dialStatus, RawSocket } from "../system/bad-input/raw-dial.ts";
import { ForeignSite } from "./support/foreign-site.ts";
import { secretName, shareHostileSystem } from "./support/hostile-system.ts";
import { addOtherOwner, otherToken } from "./support/other-owner.ts";
import { drawLink, watchPage } from "./support/watched-page.ts";

const hostile = shareHostileSystem({ prepare: ({ dataDirectory }) => addOtherOwner(dataDirectory) });
const browser = shareBrowser();
let task: TaskView;

beforeAll(async () => {
  task = await hostile().play({ name: "quiet", acts: [] });
});

/** A body that fits whatever is asked, so that nothing is refused for it. */
const anyBody = { prompt: "x", requestId: "x", optionId: null, agentId: null, value: "a-new-value" };

async function ask(method: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const body = method === "GET" || method === "DELETE" ? null : JSON.stringify(anyBody);
  const response = await fetch(hostile().origin + path, {
    method,
    body,
    headers: { "content-type": "application/json", ...headers },
    signal: AbortSignal.timeout(10_000),
  });
  await response.text();
  return response.status;
}

/** Everything that is asked of one task, node, project, secret or agent. */
async function routesOfTheOwner(): Promise<readonly (readonly [method: string, path: string])[]> {
  const { api } = hostile().system;
  const { nodes } = await api.nodes();
  const node = `/api/nodes/${nodes[0]?.nodeId ?? "node_none"}`;
  const one = `/api/tasks/${task.taskId}`;
  const project = `/api/projects/${task.projectId}`;
  return [
    ["GET", one],
    ["GET", `${one}/messages`],
    ["GET", `${one}/transitions`],
    ["POST", `${one}/messages`],
    ["POST", `${one}/answers`],
    ["POST", `${one}/cancel`],
    ["POST", `${one}/interrupt`],
    ["POST", `${one}/deliver`],
    ["GET", node],
    ["POST", `${node}/destroy`],
    ["GET", project],
    ["PATCH", project],
    ["DELETE", `/api/secrets/${secretName}`],
  ];
}

describe("another port of this machine, opened in the browser in which the owner is signed in", () => {
  it("has a cookie, and can neither look nor act with it: by its page, by its server", async (test) => {
    const { origin, system } = hostile();
    const context = await openContext(test, browser(), { expectedErrors: /./ });
    const page = await context.newPage();
    await page.goto(await drawLink(hostile()));
    await page.waitForURL(`${origin}/`);
    const before = (await system.api.tasks()).tasks.length;

    const site = await ForeignSite.start(test, origin);
    await page.goto(site.url);
    expect(await site.tried()).toEqual({
      read: "refused: TypeError",
      "read blind": "opaque",
      "with a proof": "refused: TypeError",
      "post as text": "opaque",
      "post as JSON": "refused: TypeError",
      "sign out": "refused: TypeError",
      beacon: "true",
      form: "sent",
      socket: "refused",
      script: "refused",
      frame: expect.stringMatching(/^refused: SecurityError$|^nothing/),
      "own storage": "empty",
      "own cookie": "empty",
    });

    // The premise: the browser does send it the cookie.
    const cookie = site.cookies.find((line) => line.includes("sam_session=")) ?? "";
    expect(cookie).toContain("sam_session=");
    const thefts = [{ cookie }, { cookie, origin }, { cookie, origin, [proofHeader]: "x".repeat(43) }];
    for (const headers of thefts) {
      for (const [method, path] of [
        ["GET", "/api/session"],
        ["GET", "/api/tasks"],
        ["POST", "/api/tasks"],
        ["PUT", "/api/secrets/X"],
        ["DELETE", "/api/session"],
      ] as const) {
        expect([method, path, await ask(method, path, headers)]).toEqual([method, path, 401]);
      }
      const stream = `${origin}/api/tasks/${task.taskId}/stream`;
      const protocols = { "sec-websocket-protocol": `${streamProtocol}, sam-proof.${"x".repeat(43)}` };
      expect(await dialStatus(stream, null, { ...headers, ...protocols })).toBe(401);
    }
    expect((await system.api.tasks()).tasks.length).toBe(before);
    await page.goto(`${origin}/`);
    await page
      .getByRole("heading", { name: "Home" })
      .or(page.getByRole("main").getByRole("heading", { level: 1 }))
      .first()
      .waitFor();
    expect(await page.getByRole("heading", { name: "Sign in" }).count()).toBe(0);
  });

  it("by the name localhost leads to the one name that the page has, also where another program is [::1]", async (test) => {
    const { origin } = hostile();
    const watched = await watchPage(test, browser(), hostile());
    await watched.page.context().unrouteAll();
    await watched.page.goto(`${origin.replace("127.0.0.1", "localhost")}/tasks/${task.taskId}`);
    expect(watched.page.url()).toBe(`${origin}/tasks/${task.taskId}`);
  });
});

describe("a session that is not whole", () => {
  it("because the page has lost its storage says how to sign in again; and signing out leaves neither half", async (test) => {
    const { origin } = hostile();
    const page = await (await openContext(test, browser(), { expectedErrors: /401/ })).newPage();
    await page.goto(await drawLink(hostile()));
    await page.waitForURL(`${origin}/`);
    await page.evaluate("localStorage.clear()");
    await page.goto(`${origin}/tasks/${task.taskId}`);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.getByRole("main").innerText()).toContain("sam open");

    await page.goto(await drawLink(hostile()));
    await page.waitForURL(`${origin}/`);
    await page.goto(`${origin}/tasks/${task.taskId}`);
    await page.getByRole("feed", { name: "Conversation" }).waitFor();

    await page.goto(`${origin}/more`);
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    expect(await page.evaluate("localStorage.getItem('sam.proof')")).toBeNull();
    expect(await page.context().cookies()).toEqual([]);
  });

  it("is not opened by a link that was used already", async (test) => {
    const link = await drawLink(hostile());
    const [first, second] = await Promise.all(
      [1, 2].map(async () => (await openContext(test, browser(), { expectedErrors: /401/ })).newPage()),
    );
    await first?.goto(link);
    await first?.waitForURL(`${hostile().origin}/`);
    await second?.goto(link);
    await second?.getByText("This link was used already").waitFor();
    expect(await second?.evaluate("localStorage.getItem('sam.proof')")).toBeNull();
  });
});

describe("the API", () => {
  it("answers under no name of the web that was given our address", async () => {
    const { hostname, port } = new URL(hostile().origin);
    for (const host of [
      "evil.test",
      `evil.test:${port}`,
      "127.0.0.1.evil.test",
      "localhost.evil.test",
      "[::ffff:7f00:1]",
      "0.0.0.0",
      "2130706433.evil",
    ]) {
      for (const path of ["/", "/api/health", "/api/tasks", "/sign-in", "/api/session"]) {
        const status = await new Promise((resolve, reject) => {
          const request = httpRequest(
            { host: hostname, port, path, headers: { host }, timeout: 10_000 },
            (response) => {
              response.resume();
              resolve(response.statusCode);
            },
          );
          request.on("error", reject);
          request.end();
        });
        expect([host, path, status]).toEqual([host, path, 403]);
      }
    }
  });

  it("gives another owner nothing, for all ids of the first one's", async () => {
    const headers = { authorization: `Bearer ${otherToken}` };
    expect(await ask("GET", "/api/tasks", headers)).toBe(200);
    for (const [method, path] of await routesOfTheOwner()) {
      const status = await ask(method, path, headers);
      expect([method, path, status]).toEqual([method, path, 404]);
    }
    expect(await dialStatus(`${hostile().origin}/api/tasks/${task.taskId}/stream`, otherToken)).toBe(404);
    const lists = await Promise.all(
      ["tasks", "nodes", "projects", "secrets"].map(async (list) => {
        const response = await fetch(`${hostile().origin}/api/${list}`, {
          headers,
          signal: AbortSignal.timeout(10_000),
        });
        return response.text();
      }),
    );
    const owned = [task.taskId, task.projectId ?? "proj_", task.nodeId ?? "node_", secretName];
    for (const id of owned) expect(lists.join("\n")).not.toContain(id);
  });

  it("takes nothing from inside of the sandbox without a token", async () => {
    const { origin } = hostile();
    const attempts = [
      ["/api/tasks", {}],
      ["/api/secrets", { authorization: "Bearer " }],
      ["/api/tasks", { authorization: `Bearer ${"0".repeat(43)}` }],
      ["/api/tasks", { authorization: "Bearer undefined-undefined", cookie: "sam_session=x" }],
      ["/api/tasks", { "x-forwarded-for": "127.0.0.1", "x-sam-owner": "user_x", origin }],
      [`/api/node-channel/${task.nodeId}`, { upgrade: "websocket", connection: "upgrade" }],
      ["/api/openapi.json", {}],
      ["//api/tasks", {}],
      ["/API/TASKS", {}],
      ["/api/tasks/..%2f..%2fapi%2ftasks", {}],
    ] as const;
    await hostile().play({
      name: "inside",
      acts: [
        ...attempts.map(
          ([path, headers], index) => ({ do: "http", name: `${index}`, url: origin + path, headers }) as const,
        ),
        { do: "http", name: "link", method: "POST", url: `${origin}/api/sign-in-links` },
        { do: "http", name: "session", method: "POST", url: `${origin}/api/session` },
        { do: "http", name: "health", url: `${origin}/api/health` },
      ],
    });
    const report = z.record(z.string(), z.object({ status: z.number() })).parse(await hostile().report("inside"));
    const statuses = Object.entries(report).map(([name, { status }]) => [name, status] as const);
    expect(Object.fromEntries(statuses)).toMatchObject({ health: 200, link: 401, session: 422 });
    // A path that is none of the API's is the page's, which holds nothing of anybody.
    const others = statuses.filter(([name]) => /^\d+$/.test(name) && !["7", "8"].includes(name));
    expect(others.filter(([, status]) => status !== 401)).toEqual([]);
  });

  it("grants nothing to, and hears nothing from, a node's token for what is not that node's", async (test) => {
    const { system } = hostile();
    const [file = ""] = globSync(join(system.dataDirectory, "machine-host/servers/*/disk/user-data.json"));
    const { nodeId, token } = userDataSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    const channel = `${hostile().origin}/api/node-channel/${nodeId}`;
    expect(await dialStatus(channel.replace(nodeId, makeId("node", ulid())), token)).toBe(401);
    expect(await ask("GET", "/api/tasks", { authorization: `Bearer ${token}` })).toBe(401);

    const socket = await RawSocket.open(test, channel, token);
    const want = (taskId: string, agentId: string) =>
      socket.ask(JSON.stringify({ type: "grant_wanted", requestId: `r-${taskId}`, taskId, agentId }));
    expect(await want(task.taskId, "hostile")).toMatchObject({ type: "refused" });
    const hello = {
      type: "hello",
      protocol: protocolVersion,
      bootId: "hostile-boot",
      vmAgentVersion: "0",
      isolation: { processes: "machine", limits: "machine", reasons: [] },
      agents: ["hostile"],
    };
    socket.send(JSON.stringify(hello));
    await system.until("the channel welcomes it", () => socket.frames.some((frame) => frame.includes('"welcome"')));

    // Its own task has ended; the others are not its own.
    const others = [task.taskId, makeId("task", ulid())];
    for (const taskId of others) {
      const answers = () => socket.frames.filter((frame) => frame.includes(`r-${taskId}`));
      const before = answers().length;
      socket.send(JSON.stringify({ type: "grant_wanted", requestId: `r-${taskId}`, taskId, agentId: "hostile" }));
      await system.until("the grant is answered", () => answers().length > before);
      expect(answers().at(-1)).toContain("grant_refused");
    }
    const event = {
      type: "delivered",
      verdicts: { produced: null, checked: null, pushed: { holds: true, ref: "x", commit: "0", detail: "FORGED" } },
    };
    for (const taskId of others) {
      socket.send(JSON.stringify({ type: "events", events: [{ taskId, seq: 999, observedAt: 1, event }] }));
      await system.until("the event is refused", () =>
        socket.frames.some((frame) => frame.includes("void_task") && frame.includes(taskId)),
      );
    }
    expect(await system.api.task(task.taskId)).toMatchObject({
      step: task.step,
      version: task.version,
      verdicts: task.verdicts,
    });
    expect(socket.frames.join("\n")).not.toContain("HOSTILE_SECRET");
  });
});
