/**
 * Signing in, as a person with one link meets it, and as a page of another site, a thief of the database and a program with
 * too many guesses meet it.
 */
import type { UserId } from "@sam/domain/ids";
import { proofProtocolPrefix, sessionSchema, streamProtocol, type SessionView } from "@sam/protocol/session-api";
import { createExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { drawToken } from "../src/api/token.ts";
import worker from "../src/worker.ts";
import { Browser, ownOrigin } from "./support/browser.ts";
import { onlyOwner } from "./support/own-client.ts";
import { problemOf } from "./support/problem.ts";
import { Scene } from "./support/scene.ts";
import { expectRefusal, linkOf, noTask, signedIn } from "./support/signed-in.ts";
import { Clock, tokenFor } from "./support/world.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

// Each test is at another time, so that the failures of one do not count in the next.
let clock = new Clock();
function laterBy(ms: number): void {
  clock.advance(ms);
}
afterEach(() => {
  laterBy(minuteMs);
});

async function sessionOf(response: Response): Promise<SessionView> {
  expect(response.status).toBe(200);
  return sessionSchema.parse(await response.json());
}

async function count(table: "sign_in_links" | "web_sessions"): Promise<number> {
  return z.number().parse(await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first("n"));
}

describe("a link that opens nothing", () => {
  it.each([
    ["none of ours", () => drawToken()],
    ["a bearer token", (ownerId: UserId) => tokenFor(ownerId)],
  ])("%s: 401, and no cookie", async (_what, tokenOf) => {
    const { ownerId } = await onlyOwner();
    const browser = new Browser();
    await expectRefusal(await browser.signIn(await tokenOf(ownerId)), 401, "unauthenticated");
    expect(browser.setCookies).toEqual([]);
    expect(await count("web_sessions")).toBe(0);
  });

  it("one that was used: 401, also for two at once, of whom one is signed in", async () => {
    const { client } = await onlyOwner();
    const token = await linkOf(client);
    const browsers = [new Browser(), new Browser(), new Browser()];
    const statuses = await Promise.all(browsers.map(async (browser) => (await browser.signIn(token)).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 401)).toHaveLength(2);
    expect(await count("web_sessions")).toBe(1);
    await expectRefusal(await new Browser().signIn(token), 401, "unauthenticated");
  });

  it("one of a quarter of an hour ago: 401", async () => {
    const { client } = await onlyOwner();
    const token = await linkOf(client);
    laterBy(15 * minuteMs);
    await expectRefusal(await new Browser().signIn(token), 401, "unauthenticated");
    const early = await linkOf(client);
    laterBy(15 * minuteMs - 1);
    expect((await new Browser().signIn(early)).status).toBe(200);
  });

  it.each([
    ["too short", { token: "short" }],
    ["too long", { token: "x".repeat(513) }],
    ["missing", {}],
  ])("%s: 422 that names it", async (_what, body) => {
    await onlyOwner();
    const response = await new Browser().post("/api/session", body);
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ field: "token" }]);
  });

  it("a page of another site signs nobody in", async () => {
    const { client } = await onlyOwner();
    const token = await linkOf(client);
    for (const origin of ["https://evil.test", "http://control.test:81", "null"]) {
      await expectRefusal(await new Browser().post("/api/session", { token }, origin), 403, "forbidden");
    }
    expect((await new Browser().post("/api/session", { token }, null)).status).toBe(200);
  });

  it("after twenty wrong ones in a minute every one is refused, until a minute later", async () => {
    const { client } = await onlyOwner();
    const token = await linkOf(client);
    for (let guess = 0; guess < 20; guess += 1) {
      await expectRefusal(await new Browser().signIn(drawToken()), 401, "unauthenticated");
    }
    await expectRefusal(await new Browser().signIn(token), 429, "too_many_attempts");
    laterBy(minuteMs);
    expect((await new Browser().signIn(token)).status).toBe(200);
  });
});

describe("who may make a link", () => {
  it("a bearer token; not a session, and nobody without either", async () => {
    const { browser } = await signedIn();
    await expectRefusal(await browser.post("/api/sign-in-links", {}), 403, "forbidden");
    await expectRefusal(await new Browser().post("/api/sign-in-links", {}), 401, "unauthenticated");
    expect(await count("sign_in_links")).toBe(1);
  });
});

describe("a session", () => {
  it("says whose it is and until when; its cookie is out of reach of scripts and of other sites", async () => {
    const { client, ownerId, browser } = await signedIn();
    const attributes = browser.setCookies[0]?.split("; ").slice(1).toSorted();
    expect(attributes).toEqual(["HttpOnly", `Max-Age=${(30 * dayMs) / 1000}`, "Path=/", "SameSite=Strict"]);
    expect(await sessionOf(await browser.fetch("/api/session"))).toEqual({
      ownerId,
      expiresAt: clock.now + 30 * dayMs,
    });
    // A bearer token is no session.
    expect(await sessionOf(await client.fetch("/api/session"))).toEqual({ ownerId, expiresAt: null });
    await expectRefusal(await client.fetch("/api/session", { method: "DELETE" }), 422, "invalid_input");
  });

  it("over https its cookie is sent over https alone", async () => {
    const { client } = await onlyOwner();
    const headers = { "content-type": "application/json", origin: "https://control.test" };
    const body = JSON.stringify({ token: await linkOf(client) });
    const request = new Request("https://control.test/api/session", { method: "POST", headers, body });
    expect((await exports.default.fetch(request)).headers.getSetCookie()[0]).toContain("Secure");
  });

  it("opens what a token opens, and nothing after it was ended", async () => {
    const { browser } = await signedIn();
    expect((await browser.fetch("/api/tasks")).status).toBe(200);
    const { cookie } = browser;
    const answer = await browser.fetch("/api/session", { method: "DELETE" });
    expect(answer.status).toBe(204);
    expect(browser.cookie).toBeNull();
    const thief = new Browser();
    thief.cookie = cookie;
    thief.proof = browser.proof;
    await expectRefusal(await thief.fetch("/api/tasks"), 401, "unauthenticated");
    await expectRefusal(await thief.fetch("/api/session"), 401, "unauthenticated");
    expect(await count("web_sessions")).toBe(0);
  });

  it("that is signed in anew replaces the older one", async () => {
    const { client, browser } = await signedIn();
    const older = browser.cookie;
    expect((await browser.signIn(await linkOf(client))).status).toBe(200);
    expect(browser.cookie).not.toBe(older);
    expect(await count("web_sessions")).toBe(1);
  });

  it("whose reader looks in within thirty days lasts on; one day of silence more ends it", async () => {
    const { browser } = await signedIn();
    const { cookie } = browser;
    laterBy(dayMs - 1);
    await browser.fetch("/api/tasks");
    expect(browser.setCookies).toEqual([]);
    for (let month = 0; month < 3; month += 1) {
      laterBy(29 * dayMs);
      expect((await browser.fetch("/api/tasks")).status).toBe(200);
      expect(browser.setCookies).toHaveLength(1);
      expect(browser.cookie).toBe(cookie);
    }
    laterBy(30 * dayMs);
    await expectRefusal(await browser.fetch("/api/tasks"), 401, "unauthenticated");
  });

  it("renewed at the very moment in which it is ended stays ended", async () => {
    const { browser } = await signedIn();
    laterBy(2 * dayMs);
    await browser.fetch("/api/session", { method: "DELETE" });
    expect(browser.cookie).toBeNull();
    expect(await count("web_sessions")).toBe(0);
  });

  it("is found beside a cookie of the same name that another program of this host has set", async () => {
    const { browser } = await signedIn();
    browser.cookie = `sam_session=${drawToken()}; sam_session=short; ${browser.cookie}`;
    expect((await browser.fetch("/api/tasks")).status).toBe(200);
  });

  it("is in the database as a hash alone, as its link is", async () => {
    const { client, browser } = await signedIn();
    const token = await linkOf(client);
    const { results: links } = await env.DB.prepare("SELECT * FROM sign_in_links").all();
    const { results: sessions } = await env.DB.prepare("SELECT * FROM web_sessions").all();
    const stored = JSON.stringify([links, sessions]);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(browser.cookie?.slice("sam_session=".length));
    expect(stored).not.toContain(browser.proof);
    // What the database holds is no way in.
    for (const row of [...links, ...sessions]) {
      const hash = z.string().parse(row["token_hash"] ?? row["session_hash"]);
      await expectRefusal(await new Browser().signIn(hash), 401, "unauthenticated");
      const thief = new Browser();
      thief.cookie = `sam_session=${hash}`;
      thief.proof = z.string().parse(row["proof_hash"] ?? hash);
      await expectRefusal(await thief.fetch("/api/tasks"), 401, "unauthenticated");
    }
  });

  it("does not stand in for a token that is wrong", async () => {
    const { browser } = await signedIn();
    const headers = { authorization: `Bearer ${drawToken()}` };
    await expectRefusal(await browser.fetch("/api/tasks", { headers }), 401, "unauthenticated");
  });

  it("that has expired is forgotten by the sweep, and so is its link", async () => {
    const scene = await Scene.open();
    clock = scene.clock;
    await new Browser().signIn(await linkOf(scene.client));
    await linkOf(scene.client);
    await scene.sweep();
    expect([await count("sign_in_links"), await count("web_sessions")]).toEqual([2, 1]);
    laterBy(15 * minuteMs);
    await scene.sweep();
    expect([await count("sign_in_links"), await count("web_sessions")]).toEqual([0, 1]);
    laterBy(30 * dayMs);
    await scene.sweep();
    expect(await count("web_sessions")).toBe(0);
  });
});

describe("a page of another site, with the cookie of a session", () => {
  const origins = [null, "null", "https://control.test", "http://control.test:8787", "http://evil.test"];
  it.each(origins)("of the origin %j: changes nothing and opens no stream", async (origin) => {
    const { client, browser } = await signedIn();
    const requests = [
      ["POST", "/api/projects"],
      ["PUT", "/api/secrets/OPENAI_API_KEY"],
      ["DELETE", "/api/session"],
      ["PATCH", "/api/projects/proj_00000000000000000000000000"],
    ] as const;
    for (const [method, path] of requests) {
      await expectRefusal(await browser.fetch(path, { method, origin }), 403, "forbidden");
    }
    const offered = [streamProtocol, proofProtocolPrefix + browser.proof];
    await expectRefusal(await browser.dial(noTask, offered, origin), 403, "forbidden");
    // With our own origin the very same request is taken: there is just no such task.
    await expectRefusal(await browser.dial(noTask, offered), 404, "not_found");
    expect(await (await client.fetch("/api/projects")).json()).toEqual({ projects: [] });
  });

  it("a program with a token sends no origin, and is taken", async () => {
    const { client } = await onlyOwner();
    expect((await client.post("/api/projects", { repositoryUrl: "/srv/project.git" })).status).toBe(201);
  });
});

describe("a name that is not ours, given our address by a page of the web", () => {
  const get = (url: string, headers: Record<string, string>, provider = "local") =>
    worker.fetch(
      new Request<unknown, IncomingRequestCfProperties>(url, { headers }),
      { ...env, PROVIDER: provider },
      createExecutionContext(),
    );

  it.each([
    ["http://evil.test:8787", {}],
    ["http://control.test.evil.test", {}],
    ["http://127.0.0.1.evil.test", {}],
    ["http://control.test:8787", {}],
    ["http://192.168.0.7:8787", {}],
    ["http://control.test", { host: "evil.test" }],
    ["http://127.0.0.1:8787", { host: "evil.test:8787" }],
    ["http://127.0.0.1:8787", { host: "not a host" }],
  ])("%s %j: 403 on every kind of path", async (origin, headers) => {
    for (const path of ["/", "/api/health", "/api/tasks", "/api/node-channel/node_1", "/assets/x.js"]) {
      const response = await get(`${origin}${path}`, headers);
      expect({ path, status: response.status }).toEqual({ path, status: 403 });
      expect((await problemOf(response)).code).toBe("forbidden");
    }
  });

  it.each(["http://127.0.0.1:8787", "http://localhost:9000", "http://[::1]:8787", ownOrigin])(
    "%s is ours",
    async (origin) => {
      expect((await get(`${origin}/api/health`, {})).status).toBe(200);
    },
  );

  it("a deployed Worker is reached under its own names alone, so it asks for none", async () => {
    expect((await get("https://sam.example.com/api/health", {}, "hetzner")).status).toBe(200);
  });
});
