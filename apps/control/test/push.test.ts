/**
 * Web Push: a browser is told once that a task awaits its owner, by a message that nobody on the way can read; and what
 * became of it is shown. A push service that has a bad day holds up nothing else of the task.
 */
import { inboxSchema } from "@sam/protocol/inbox-api";
import { notificationsSchema, subscriptionSchema, type NotificationsView } from "@sam/protocol/push-api";
import { abortAllDurableObjects } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";

import { newOwner, onlyOwner, sendJson } from "./support/own-client.ts";
import { problemOf } from "./support/problem.ts";
import { PushBrowser, routePushes } from "./support/push-browser.ts";
import { minuteMs, type Scene } from "./support/scene.ts";
import { taskIn, type Standing } from "./support/steps.ts";
import { permissionRequested } from "./support/vm-agent-script.ts";
import { eventually, type Client } from "./support/world.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

async function notificationsOf(client: Client): Promise<NotificationsView> {
  return notificationsSchema.parse(await (await client.fetch("/api/notifications")).json());
}

async function subscribe(client: Client, browser: PushBrowser, name?: string): Promise<string> {
  const body = await browser.subscription(name);
  const response = await client.post("/api/notifications/subscriptions", body);
  expect(response.status).toBe(201);
  return z.object({ subscription: subscriptionSchema }).parse(await response.json()).subscription.subscriptionId;
}

interface Told extends Standing {
  readonly browser: PushBrowser;
  readonly subscriptionId: string;
}

/** A running task of an owner with a browser; what that answers is the test's. */
async function running(answers: PushBrowser["answers"] = 201): Promise<Told> {
  const standing = await taskIn("running");
  const browser = await PushBrowser.make();
  browser.answers = answers;
  routePushes(browser);
  return { ...standing, browser, subscriptionId: await subscribe(standing.scene.client, browser) };
}

async function asks({ scene, taskId, agent }: Standing): Promise<void> {
  await agent?.say(taskId, permissionRequested);
  await scene.inStep(taskId, "awaiting_input");
}

/** The newest push to the only browser, as the page is told of it. */
async function lastPush(scene: Scene) {
  return (await notificationsOf(scene.client)).subscriptions[0]?.last ?? null;
}

describe("a task that begins to await its owner", () => {
  it("tells their browser, encrypted for it and signed for its service, and nothing of the task itself", async () => {
    const told = await running();
    const { scene, taskId, browser } = told;
    await asks(told);
    await scene.settled(taskId);
    const { publicKey } = await notificationsOf(scene.client);
    expect(browser.taken).toHaveLength(1);
    const [push] = browser.taken;
    expect(push?.signedBy).toBe(publicKey);
    expect(push?.claims.aud).toBe("https://push.example.com");
    const hours = ((push?.claims.exp ?? 0) * 1000 - scene.clock.now) / 3_600_000;
    expect(hours).toBeGreaterThan(0);
    expect(hours).toBeLessThan(24);
    expect(Object.fromEntries(push?.headers ?? [])).toMatchObject({
      "content-encoding": "aes128gcm",
      ttl: "86400",
      urgency: "high",
      topic: expect.stringMatching(/^[\w-]{32}$/),
    });
    expect(push?.payload).toMatchObject({ about: "permission", taskId, title: "runbook asks to run a command" });
    const text = JSON.stringify(push?.payload);
    expect(text).not.toContain("rm -rf build");
    expect(text).not.toContain("Say hello");
  });

  it("shows the receipt of it: sent, shown, pressed, each once and with its time", async () => {
    const told = await running();
    const { scene, taskId, browser } = told;
    await asks(told);
    await scene.settled(taskId);
    const sentAt = scene.clock.now;
    expect(await lastPush(scene)).toMatchObject({ about: "permission", taskId, sentAt, status: 201, shownAt: null });
    const { pushId = "", receiptToken = "" } = browser.taken[0]?.payload ?? {};
    const says = (seen: string, token = receiptToken) =>
      sendJson(scene.client, "POST", "/api/push-receipts", { pushId, receiptToken: token, seen });
    scene.clock.advance(700);
    expect((await says("shown")).status).toBe(204);
    scene.clock.advance(700);
    expect((await says("shown")).status).toBe(204);
    expect((await says("clicked")).status).toBe(204);
    expect(await lastPush(scene)).toMatchObject({ shownAt: sentAt + 700, clickedAt: sentAt + 1_400 });
    expect((await says("clicked", "x".repeat(43))).status).toBe(401);
    const inbox = inboxSchema.parse(await (await scene.client.fetch("/api/inbox")).json());
    expect(inbox.items[0]?.pushes).toMatchObject([{ browser: "Firefox on Linux", status: 201, shownAt: sentAt + 700 }]);
  });

  it("tells once, though everything crashes as soon as the push was taken", async () => {
    const told = await running();
    const { scene, taskId, agent, browser } = told;
    agent?.report(taskId, permissionRequested);
    await eventually(
      "the push",
      () => browser.taken.length,
      (count) => count > 0,
    );
    await abortAllDurableObjects();
    await agent?.connect();
    for (let looks = 0; looks < 4; looks += 1) await scene.pass(30_000, taskId);
    await scene.settled(taskId);
    const ids = new Set(browser.taken.map(({ payload }) => payload.pushId));
    expect(ids.size).toBe(1);
    expect(await lastPush(scene)).toMatchObject({ sentAt: expect.any(Number), gaveUpAt: null });
  });
});

describe("a push service", () => {
  it("that says the subscription is gone: it is removed, and no push is tried again", async () => {
    for (const status of [404, 410]) {
      const told = await running(status);
      const { scene, taskId, browser } = told;
      await asks(told);
      await scene.settled(taskId);
      expect(browser.asked).toBe(1);
      expect((await notificationsOf(scene.client)).subscriptions).toEqual([]);
      vi.restoreAllMocks();
    }
  });

  it("that cannot be reached is tried again, shown as not reached since then, and holds up nothing of the task", async () => {
    const told = await running("unreachable");
    const { scene, taskId, agent, browser } = told;
    await asks(told);
    await eventually(
      "a try",
      () => browser.asked,
      (asked) => asked > 0,
    );
    const since = scene.clock.now;
    await eventually(
      "the failure on the page",
      () => notificationsOf(scene.client),
      ({ subscriptions }) => subscriptions[0]?.failingSince === since,
    );
    expect((await lastPush(scene))?.problem).toContain("push.example.com could not be reached");
    await scene.client.post(`/api/tasks/${taskId}/answers`, { requestId: "permission-1", optionId: "yes" });
    expect(await agent?.command(taskId, "answer")).toMatchObject({ optionId: "yes" });
    await scene.inStep(taskId, "running");
  });

  it("that is back takes the push then, and is not said to fail any more", async () => {
    const told = await running("unreachable");
    const { scene, taskId, browser } = told;
    await asks(told);
    await eventually(
      "a try",
      () => browser.asked,
      (asked) => asked > 0,
    );
    browser.answers = 201;
    await scene.pass(1_000, taskId);
    await scene.settled(taskId);
    expect(browser.taken).toHaveLength(1);
    const [subscription] = (await notificationsOf(scene.client)).subscriptions;
    expect(subscription).toMatchObject({ failingSince: null, problem: null, last: { status: 201 } });
  });

  it("that is not reached for ten minutes is given up, and that is said", async () => {
    const told = await running("unreachable");
    const { scene, taskId, browser } = told;
    await asks(told);
    await eventually(
      "a try",
      () => browser.asked,
      (asked) => asked > 0,
    );
    await scene.pass(10 * minuteMs, taskId);
    await scene.settled(taskId);
    expect(browser.asked).toBe(2);
    const last = await lastPush(scene);
    expect(last).toMatchObject({ sentAt: null, gaveUpAt: expect.any(Number) });
    expect(last?.problem).toContain("given up after");
  });

  it("is not asked any more for what was answered meanwhile", async () => {
    const told = await running("unreachable");
    const { scene, taskId, browser } = told;
    await asks(told);
    await eventually(
      "a try",
      () => browser.asked,
      (asked) => asked > 0,
    );
    await scene.client.post(`/api/tasks/${taskId}/answers`, { requestId: "permission-1", optionId: "yes" });
    await scene.inStep(taskId, "running");
    browser.answers = 201;
    await scene.pass(1_000, taskId);
    await scene.settled(taskId);
    expect(browser.taken).toEqual([]);
    expect((await lastPush(scene))?.problem).toContain("answered before it could be sent");
  });

  it("that refuses for good is not asked again", async () => {
    const told = await running(403);
    await asks(told);
    await told.scene.settled(told.taskId);
    expect(told.browser.asked).toBe(1);
    expect(await lastPush(told.scene)).toMatchObject({ status: 403, sentAt: null, gaveUpAt: expect.any(Number) });
  });
});

describe("a browser", () => {
  it("is subscribed once however often it asks, is listed by its owner alone, and is removed by them alone", async () => {
    const { client } = await onlyOwner();
    const browser = await PushBrowser.make();
    const id = await subscribe(client, browser);
    expect(await subscribe(client, browser, "My phone")).toBe(id);
    const { subscriptions } = await notificationsOf(client);
    expect(subscriptions).toMatchObject([{ subscriptionId: id, browser: "My phone", service: "push.example.com" }]);
    expect(JSON.stringify(subscriptions)).not.toContain(browser.endpoint);
    const stranger = await newOwner();
    expect((await notificationsOf(stranger.client)).subscriptions).toEqual([]);
    const path = `/api/notifications/subscriptions/${id}`;
    expect((await sendJson(stranger.client, "DELETE", path, {})).status).toBe(404);
    expect((await sendJson(client, "DELETE", path, {})).status).toBe(204);
    expect((await notificationsOf(client)).subscriptions).toEqual([]);
  });

  it("is told a test when its owner asks, with its receipt; a stranger cannot ask for it", async () => {
    const { client } = await onlyOwner();
    const browser = await PushBrowser.make();
    routePushes(browser);
    const id = await subscribe(client, browser);
    const response = await client.post(`/api/notifications/subscriptions/${id}/test`);
    expect(response.status).toBe(200);
    expect(browser.taken.map(({ payload }) => payload.about)).toEqual(["test"]);
    const answer: unknown = await response.json();
    expect(answer).toMatchObject({ receipt: { about: "test", taskId: null, status: 201, shownAt: null } });
    const { client: stranger } = await newOwner();
    expect((await stranger.post(`/api/notifications/subscriptions/${id}/test`)).status).toBe(404);
  });

  it.each([
    ["http://push.example.com/x", "https"],
    ["https://10.0.0.7/x", "public name"],
    ["https://metadata.internal/x", "public name"],
    ["https://user:secret@push.example.com/x", "password"],
    ["ftp://push.example.com/x", "https"],
  ])("cannot name %s as its push service", async (endpoint, why) => {
    const { client } = await onlyOwner();
    const body = { ...(await (await PushBrowser.make()).subscription()), endpoint };
    const response = await client.post("/api/notifications/subscriptions", body);
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem.errors?.[0]?.field).toBe("endpoint");
    expect(problem.detail).toContain(why);
  });
});

describe("the key of the notifications", () => {
  it("is made once, lies encrypted among the secrets, and is nobody's to list", async () => {
    const { client } = await onlyOwner();
    const [one, other] = await Promise.all([notificationsOf(client), notificationsOf(client)]);
    expect(one.publicKey).toBe(other.publicKey);
    const { results } = await env.DB.prepare("SELECT * FROM secrets").all();
    expect(results).toHaveLength(1);
    expect(JSON.stringify(results)).not.toContain('"d"');
    const listed: unknown = await (await client.fetch("/api/secrets")).json();
    expect(listed).toEqual({ secrets: [] });
  });
});
