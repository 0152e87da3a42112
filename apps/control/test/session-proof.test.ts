/**
 * A browser sends a cookie to every port of its host: whoever listens on another one has it, and asks with whatever program
 * they like. What they lack is the proof, which our own page alone can read.
 */
import { proofHeader, proofProtocolPrefix, streamProtocol } from "@sam/protocol/session-api";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

import { drawToken } from "../src/api/token.ts";
import { Browser } from "./support/browser.ts";
import { Scene } from "./support/scene.ts";
import { expectRefusal, linkOf, noTask, signedIn } from "./support/signed-in.ts";

describe("the cookie of a session alone, in the hands of a server on another port", () => {
  function thiefOf(browser: Browser): Browser {
    const thief = new Browser();
    thief.cookie = browser.cookie;
    return thief;
  }
  const proofs: [what: string, proofOf: (own: Browser, other: Browser) => string | null][] = [
    ["no proof", () => null],
    ["a proof of none", () => drawToken()],
    ["the proof of another session", (_own, other) => other.proof],
    ["the cookie as its proof", ({ cookie }) => cookie?.slice("sam_session=".length) ?? null],
    ["a proof that is cut off", ({ proof }) => proof?.slice(0, -1) ?? null],
    ["no proof but white space", () => " "],
  ];

  it.each(proofs)("with %s: 401, whatever it asks, and it ends nothing", async (_what, proofOf) => {
    const { client, browser } = await signedIn();
    const other = new Browser();
    await other.signIn(await linkOf(client));
    const thief = thiefOf(browser);
    thief.proof = proofOf(browser, other);
    const requests = [
      ["GET", "/api/session"],
      ["GET", "/api/tasks"],
      ["GET", "/api/openapi.json"],
      ["GET", "/api/no-such-thing"],
      ["POST", "/api/tasks"],
      ["POST", "/api/sign-in-links"],
      ["PUT", "/api/secrets/OPENAI_API_KEY"],
      ["DELETE", "/api/session"],
    ] as const;
    for (const [method, path] of requests) {
      await expectRefusal(await thief.fetch(path, { method }), 401, "unauthenticated");
    }
    const offered = thief.proof === null ? [] : [streamProtocol, proofProtocolPrefix + thief.proof];
    await expectRefusal(await thief.dial(noTask, offered), 401, "unauthenticated");
    expect((await browser.fetch("/api/tasks")).status).toBe(200);
  });

  it("the proof alone is nothing either", async () => {
    const { browser } = await signedIn();
    browser.cookie = null;
    await expectRefusal(await browser.fetch("/api/tasks"), 401, "unauthenticated");
  });

  it("a session of the time before proofs opens nothing", async () => {
    const { browser } = await signedIn();
    await env.DB.prepare("UPDATE web_sessions SET proof_hash = NULL").run();
    await expectRefusal(await browser.fetch("/api/tasks"), 401, "unauthenticated");
    browser.proof = null;
    await expectRefusal(await browser.fetch("/api/tasks"), 401, "unauthenticated");
  });

  it("the proof is told once, when it is made", async () => {
    const { browser } = await signedIn();
    expect(await (await browser.fetch("/api/session")).text()).not.toContain(browser.proof);
  });

  it("a socket shows its proof as a subprotocol, and no header takes its place", async () => {
    const scene = await Scene.open();
    const browser = new Browser();
    await browser.signIn(await linkOf(scene.client));
    const { taskId } = await scene.client.submit();
    const opened = await browser.dial(taskId, [streamProtocol, proofProtocolPrefix + browser.proof]);
    expect(opened.status).toBe(101);
    expect(opened.headers.get("sec-websocket-protocol")).toBe(streamProtocol);
    opened.webSocket?.accept();
    opened.webSocket?.close();
    await expectRefusal(await browser.dial(taskId, [streamProtocol]), 401, "unauthenticated");
    const query = `/api/tasks/${taskId}/stream?${proofHeader}=${browser.proof}`;
    await expectRefusal(await browser.fetch(query, { headers: { upgrade: "websocket" } }), 401, "unauthenticated");
  });
});
