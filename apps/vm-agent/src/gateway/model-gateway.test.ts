import { once } from "node:events";
import { request } from "node:http";

import type { ModelDialect } from "@sam/domain/agent-catalog";
import type { ModelFailure } from "@sam/domain/model-calls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { events, json, ModelStandIn } from "../testing/model-stand-in.ts";
import { waitFor } from "../testing/wait-for.ts";
import { ModelGateway } from "./model-gateway.ts";
import { TurnLedger } from "./turn-ledger.ts";

const key = "the-real-key";

let server: ModelStandIn;
let gateway: ModelGateway;
let ledger: TurnLedger;
let failures: ModelFailure[];

async function open(dialect: ModelDialect = "openai_chat", path = "/v1", baseUrl = server.url): Promise<void> {
  gateway = await ModelGateway.start({ baseUrl: new URL(`${baseUrl}${path}`), dialect, key }, ledger);
}

beforeEach(async () => {
  server = await ModelStandIn.start();
  failures = [];
  ledger = new TurnLedger(
    { onFailing: (_turn, failure) => failures.push(failure), onAnswering: () => undefined },
    60_000,
  );
  ledger.begin(1);
  await open();
});
afterEach(async () => {
  gateway.close();
  await server.stop();
});

const signal = () => AbortSignal.timeout(10_000);

/** Asks as an agent does, for a chat completion. */
function call(
  path = "/chat/completions",
  headers: Record<string, string> = { authorization: `Bearer ${gateway.token}` },
) {
  return fetch(`${gateway.url}${path}`, { method: "POST", body: '{"model":"m"}', headers, signal: signal() });
}

async function told(detail: string): Promise<void> {
  await waitFor("the failure", () => failures.at(-1)?.detail === detail);
}

describe("a gateway", () => {
  it("takes no request without its token, wherever a client may put a key, and none that is not a path", async () => {
    const { token } = gateway;
    const refused: Record<string, string>[] = [{}, { authorization: `Bearer ${key}` }, { "x-api-key": `${token}x` }];
    for (const headers of refused) expect((await call("/chat/completions", headers)).status).toBe(401);
    const taken: Record<string, string>[] = [
      { authorization: `Bearer ${token}` },
      { "x-api-key": token },
      { "x-goog-api-key": token },
      { "api-key": token },
    ];
    for (const headers of taken) expect((await call("/chat/completions", headers)).status).toBe(200);
    expect((await call(`/chat/completions?key=${token}`, {})).status).toBe(200);
    expect(server.asked).toHaveLength(5);
    for (const { headers, url } of server.asked) {
      expect(headers).toMatchObject({ authorization: `Bearer ${key}`, host: `127.0.0.1:${server.port}` });
      expect(JSON.stringify([headers, url])).not.toContain(token);
    }
    const outgoing = request({
      port: new URL(gateway.url).port,
      path: "http://elsewhere.example/x",
      headers: { "api-key": token },
    });
    outgoing.end();
    const [answer] = (await once(outgoing, "response")) as [{ statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode).toBe(400);
  });

  it("puts the key where the dialect wants it, and keeps method, path, query, headers and body", async () => {
    for (const [dialect, header] of [
      ["anthropic", "x-api-key"],
      ["gemini", "x-goog-api-key"],
    ] as const) {
      gateway.close();
      await open(dialect, "/prefix/");
      await call("/v1/messages?beta=true&alt=sse", {
        "x-api-key": gateway.token,
        "anthropic-beta": "a,b",
        connection: "close",
      });
      expect(server.asked.at(-1)).toMatchObject({
        method: "POST",
        url: "/prefix/v1/messages?beta=true&alt=sse",
        headers: { [header]: key, "anthropic-beta": "a,b", "accept-encoding": "identity" },
        body: '{"model":"m"}',
      });
      expect(server.asked.at(-1)?.headers["authorization"]).toBeUndefined();
    }
  });

  it("stays below the base URL", async () => {
    await call("/../../admin/%2e%2e/chat/completions");
    await call("//other.example/chat/completions");
    expect(server.asked.map(({ url }) => url)).toEqual(["/v1/chat/completions", "/v1//other.example/chat/completions"]);
  });

  it("passes an answer on as it comes, and counts it as good", async () => {
    const half = Promise.withResolvers<void>();
    server.answer = async (response) => {
      response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "7" });
      response.write("data: one\n\n");
      await half.promise;
      response.end("data: two\n\n");
    };
    const answer = await call();
    expect(answer.headers.get("x-request-id")).toBe("7");
    const reader = answer.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("data: one\n\n");
    half.resolve();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe("data: two\n\n");
    expect(ledger.end()).toEqual({ calls: 1, failedCalls: 0, lastFailure: null });
  });

  it("does not count what is no model call, however it ends", async () => {
    server.answer = json(404, { error: { message: "no such thing" } });
    for (const path of ["/models", "/v1/messages/count_tokens", "/models/gemini:countTokens"]) await call(path);
    expect(ledger.end()).toEqual({ calls: 0, failedCalls: 0, lastFailure: null });
  });
});

describe("a failure", () => {
  it("is of a kind, with the server's own words", async () => {
    const cases: [number, unknown, string, string][] = [
      [401, { error: { message: "Incorrect API key provided" } }, "unauthorized", "Incorrect API key provided"],
      [403, { message: "not for you" }, "unauthorized", "not for you"],
      [404, { error: { message: "no model m", code: "model_not_found" } }, "not_found", "no model m"],
      [429, [{ error: { code: 429, message: "slower", status: "RESOURCE_EXHAUSTED" } }], "rate_limited", "slower"],
      [400, { detail: "bad request" }, "refused", "bad request"],
      [529, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }, "unavailable", "Overloaded"],
    ];
    for (const [status, body, kind, detail] of cases) {
      ledger.begin(1);
      server.answer = json(status, body);
      expect((await call()).status).toBe(status);
      expect(ledger.end()?.lastFailure).toEqual({ kind, status, detail });
    }
    ledger.begin(1);
    server.answer = (response) => {
      response.writeHead(502, { "content-type": "text/html" });
      response.end(`<html>\n<body>Bad\u0007 Gateway</body>${" ".repeat(90_000)}</html>`);
    };
    await (await call()).text();
    expect(ledger.end()?.lastFailure).toMatchObject({ kind: "unavailable", detail: "<html> <body>Bad Gateway</body>" });
  });

  it("in a stream that began well is found by its structure", async () => {
    const cases: [ModelDialect, unknown[], string, string][] = [
      [
        "anthropic",
        [{ type: "message_start" }, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }],
        "unavailable",
        "Overloaded",
      ],
      [
        "openai_responses",
        [{ type: "response.failed", response: { error: { code: "rate_limit_exceeded", message: "slower" } } }],
        "rate_limited",
        "slower",
      ],
      ["openai_responses", [{ type: "error", code: "server_error", message: "broke" }], "unavailable", "broke"],
      ["openai_chat", [{ choices: [] }, { error: { message: "no key", code: 401 } }], "unauthorized", "no key"],
      ["gemini", [{ error: { code: 400, message: "what?", status: "INVALID_ARGUMENT" } }], "refused", "what?"],
    ];
    for (const [, data, kind, detail] of cases) {
      ledger.begin(1);
      server.answer = events(...data);
      expect((await call()).status).toBe(200);
      await told(detail);
      expect(ledger.end()?.lastFailure).toEqual({ kind, status: 200, detail });
    }
  });

  it("is none where an answer speaks of errors", async () => {
    server.answer = events(
      { choices: [{ delta: { content: 'an "error": {"message": "x"}' } }] },
      { type: "response.output_text.delta", delta: '{"error": 1}', error: null },
      `{"choices":[{"delta":{"content":"${"x".repeat(100_000)}"}}],"error":{"message":"too long to be one"}}`,
      "[DONE]",
    );
    await (await call()).text();
    expect(ledger.end()).toEqual({ calls: 1, failedCalls: 0, lastFailure: null });
  });

  it("is a connection that can't be made, or breaks off", async () => {
    server.answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: {}\n\n");
      setImmediate(() => response.destroy());
    };
    await expect((await call()).text()).rejects.toThrow("terminated");
    await waitFor("the failure", () => failures.length === 1);
    expect(ledger.end()?.lastFailure).toMatchObject({
      kind: "unavailable",
      status: 200,
      detail: expect.stringContaining("broke off"),
    });
    ledger.begin(2);
    gateway.close();
    await open("openai_chat", "/v1", "http://127.0.0.1:1");
    const answer = await call();
    expect(answer.status).toBe(502);
    expect(await answer.text()).toContain("can't be reached");
    expect(ledger.end()?.lastFailure).toMatchObject({
      kind: "unavailable",
      status: null,
      detail: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("is none where the agent goes away, and the server is told", async () => {
    const gone = Promise.withResolvers<void>();
    server.answer = (response) => void response.on("close", () => gone.resolve());
    const abort = new AbortController();
    const asking = fetch(`${gateway.url}/chat/completions`, {
      method: "POST",
      body: "{}",
      headers: { "x-api-key": gateway.token },
      signal: abort.signal,
    });
    await waitFor("the request", () => server.asked.length === 1);
    abort.abort();
    await expect(asking).rejects.toThrow("abort");
    await gone.promise;
    expect(ledger.end()).toEqual({ calls: 1, failedCalls: 0, lastFailure: null });
  });
});
