import { createServer, type RequestListener, type Server } from "node:http";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";

import { ApiProblem, fieldError, isAllInFields, isSignedOut, Unreachable, UnreadableAnswer } from "./api-error.ts";
import { ask } from "./client.ts";
import { currentConnection } from "./connection.ts";
import { dropProof, keepProof } from "./proof.ts";

const realFetch = fetch;
const answer = z.object({ ok: z.literal(true) });
const problem = {
  type: "about:blank#invalid_input",
  title: "The request has a field that cannot be used",
  status: 422,
  detail: "repository.url is empty",
  code: "invalid_input",
  errors: [{ field: "repository.url", message: "is empty" }],
};
let server: Server;
let handle: RequestListener;

beforeEach(async () => {
  server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => realFetch(`http://127.0.0.1:${port}${path}`, init));
});

afterEach(() => {
  vi.unstubAllGlobals();
  server.closeAllConnections();
  server.close();
});

function answerWith(status: number, body: string): void {
  handle = (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(body);
  };
}

/** @returns what the request was refused with. */
async function failureOf(request: Promise<unknown>): Promise<unknown> {
  return request.then(
    () => null,
    (error: unknown) => error,
  );
}

describe("a refusal", () => {
  it("names its field", async () => {
    answerWith(422, JSON.stringify(problem));
    const error = await failureOf(ask({ path: "/api/x", answer }));
    expect(error).toBeInstanceOf(ApiProblem);
    expect(fieldError(error, "repository.url")).toBe("is empty");
    expect(fieldError(error, "repository")).toBe("is empty");
    expect(fieldError(error, "prompt")).toBeNull();
    expect(isAllInFields(error, ["repository.url"])).toBe(true);
    expect(isAllInFields(error, ["prompt"])).toBe(false);
  });

  it("without a reason is an answer that nobody can read", async () => {
    answerWith(502, "<html>bad gateway</html>");
    expect(await failureOf(ask({ path: "/api/x", answer }))).toBeInstanceOf(UnreadableAnswer);
  });

  it("of the session is known to the whole page", async () => {
    answerWith(401, JSON.stringify({ ...problem, status: 401, code: "unauthenticated" }));
    expect(isSignedOut(await failureOf(ask({ path: "/api/x", answer })))).toBe(true);
    expect(currentConnection().signedOut).toBe(true);
  });
});

it("an answer of another protocol is not taken for one of ours", async () => {
  answerWith(200, JSON.stringify({ ok: "yes" }));
  expect(await failureOf(ask({ path: "/api/x", answer }))).toBeInstanceOf(UnreadableAnswer);
});

describe("no answer", () => {
  it("within the deadline is offline, until something answers", async () => {
    handle = () => undefined;
    const before = Date.now();
    expect(await failureOf(ask({ path: "/api/x", answer, timeoutMs: 50 }))).toBeInstanceOf(Unreachable);
    expect(currentConnection().offlineSince).toBeGreaterThanOrEqual(before);

    const since = currentConnection().offlineSince;
    expect(await failureOf(ask({ path: "/api/x", answer, timeoutMs: 50 }))).toBeInstanceOf(Unreachable);
    expect(currentConnection().offlineSince).toBe(since);

    answerWith(200, JSON.stringify({ ok: true }));
    expect(await ask({ path: "/api/x", answer })).toEqual({ ok: true });
    expect(currentConnection().offlineSince).toBeNull();
  });

  it("that breaks off in the middle is offline, too", async () => {
    handle = (_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{", () => response.destroy());
    };
    expect(await failureOf(ask({ path: "/api/x", answer }))).toBeInstanceOf(Unreachable);
  });

  it("to a page that was left says nothing about the connection", async () => {
    answerWith(200, JSON.stringify({ ok: true }));
    await ask({ path: "/api/x", answer });
    handle = () => undefined;
    const leaving = new AbortController();
    const asked = failureOf(ask({ path: "/api/x", answer, signal: leaving.signal }));
    leaving.abort(new Error("left"));
    expect(await asked).toMatchObject({ message: "left" });
    expect(currentConnection().offlineSince).toBeNull();
  });
});

it("leaves out what a query does not say", async () => {
  const seen: (string | undefined)[] = [];
  handle = (request, response) => {
    seen.push(request.url);
    response.end(JSON.stringify({ ok: true }));
  };
  await ask({ path: "/api/x", query: { limit: 5, before: undefined }, answer });
  expect(seen).toEqual(["/api/x?limit=5"]);
});

describe("the proof of the session", () => {
  const stored = new Map<string, string>();
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  };
  const refuse = () => {
    throw new Error("storage is refused");
  };
  const refusing = { getItem: refuse, setItem: refuse, removeItem: refuse };

  it.each([
    ["is stored", storage],
    ["is kept by the page, where storage is refused", refusing],
  ])("%s, goes along with every request, and is dropped", async (_how, localStorage) => {
    vi.stubGlobal("localStorage", localStorage);
    const seen: unknown[] = [];
    handle = (request, response) => {
      seen.push(request.headers["x-sam-proof"]);
      response.end(JSON.stringify({ ok: true }));
    };
    await ask({ path: "/api/x", answer });
    keepProof("one");
    await ask({ path: "/api/x", answer });
    await ask({ method: "POST", path: "/api/x", body: {}, answer });
    keepProof("two");
    await ask({ path: "/api/x", answer });
    dropProof();
    await ask({ path: "/api/x", answer });
    expect(seen).toEqual([undefined, "one", "one", "two", undefined]);
  });

  it("of another tab that has signed in is taken", async () => {
    vi.stubGlobal("localStorage", storage);
    keepProof("mine");
    stored.set("sam.proof", "theirs");
    handle = (request, response) => {
      response.end(JSON.stringify({ ok: request.headers["x-sam-proof"] === "theirs" }));
    };
    expect(await ask({ path: "/api/x", answer })).toEqual({ ok: true });
    dropProof();
  });
});
