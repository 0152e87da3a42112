import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it, onTestFinished } from "vitest";

import { until } from "../system/support/until.ts";
import { ModelServer, type ModelServerOptions } from "./model-server.ts";
import { promptOf, type Script } from "./script/script.ts";
import { clients } from "./testing/client.ts";

async function serve(options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = await ModelServer.start(options);
  onTestFinished(() => server.stop());
  return server;
}

describe.each(clients)("towards $name, the model server", ({ ask }) => {
  it("fails each call with the status it is told, until it is told otherwise", async () => {
    const server = await serve({ status: 503 });
    const asked = { url: server.url, prompt: "Hello." };
    expect(await ask(asked)).toMatchObject({ status: 503 });
    expect(await ask({ ...asked, isStreamed: false })).toMatchObject({ status: 503 });
    server.turn({ status: null });
    expect(await ask(asked)).toMatchObject({ status: 200 });
    expect(server.calls.map(({ status }) => status)).toEqual([503, 503, 200]);
  });

  it("fails where the script says so, again and again", async () => {
    const server = await serve();
    const prompt = promptOf([{ run: "true" }, { fail: { status: 500 } }]);
    expect(await ask({ url: server.url, prompt })).toMatchObject({ status: 200 });
    expect(await ask({ url: server.url, prompt, results: 1 })).toMatchObject({ status: 500 });
    expect(await ask({ url: server.url, prompt, results: 1 })).toMatchObject({ status: 500 });
  });

  it("cuts the connection where it fails in the midst of an answer", async () => {
    const server = await serve();
    const prompt = promptOf([{ say: "I begin." }, { fail: { status: 500 } }]);
    await expect(ask({ url: server.url, prompt })).rejects.toThrow("terminated");
    await until("the end of the call", () => server.calls[0]?.endedAt);
    expect(server.calls[0]).toMatchObject({ status: 200, isCutShort: true });
  });

  it.each<[string, Script, number | null]>([
    ["before the first byte", [{ hang: true }], null],
    ["in the midst of an answer", [{ say: "I begin." }, { hang: true }], 200],
  ])("hangs %s until the client goes away", async (_where, script, status) => {
    const server = await serve();
    const client = new AbortController();
    const answer = ask({ url: server.url, prompt: promptOf(script), signal: client.signal });
    await until("the call", () => server.calls[0]?.model);
    client.abort(new Error("gone away"));
    await expect(answer).rejects.toThrow("gone away");
    await until("the end of the call", () => server.calls[0]?.endedAt);
    expect(server.calls[0]).toMatchObject({ status, isCutShort: true });
  });
});

describe("the model server", () => {
  const [client] = clients;

  it("waits before it answers, and between two pieces", async () => {
    const server = await serve({ delayMs: 120 });
    const startedAt = Date.now();
    await client?.ask({ url: server.url, prompt: promptOf([{ say: "abc", chunks: 3, chunkDelayMs: 60 }]) });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(230);
  });

  it("cuts what is still being said when it stops", async () => {
    const server = await ModelServer.start();
    const answer = client?.ask({ url: server.url, prompt: promptOf([{ say: "I begin." }, { hang: true }]) });
    const stopped = until("the answer has begun", () => server.calls[0]?.model).then(() => server.stop());
    await expect(answer).rejects.toThrow(/terminated|fetch failed/);
    await stopped;
  });

  it("says what is wrong with a script", async () => {
    const server = await serve();
    const prompt = 'Do it.\n\n```model-script\n[{ "sya": "Hello." }]\n```\n';
    const heard = await client?.ask({ url: server.url, prompt });
    expect(heard).toMatchObject({ status: 400, error: { error: { message: expect.stringContaining("sya") } } });
  });

  it("serves its models, counts tokens, and knows nothing else", async () => {
    const server = await serve({ models: ["one", "two"] });
    const get = async (path: string, method = "GET"): Promise<unknown> => {
      const answer = await fetch(server.url + path, { method, signal: AbortSignal.timeout(5_000) });
      return { status: answer.status, body: method === "HEAD" ? null : await answer.json() };
    };
    expect(await get("/v1/models")).toMatchObject({ status: 200, body: { data: [{ id: "one" }, { id: "two" }] } });
    expect(await get("/", "HEAD")).toEqual({ status: 200, body: null });
    expect(await get("/v1/messages/count_tokens", "POST")).toMatchObject({ body: { input_tokens: 100 } });
    expect(await get("/v1beta/models/m:countTokens", "POST")).toMatchObject({ body: { totalTokens: 100 } });
    expect(await get("/elsewhere")).toMatchObject({ status: 404 });
    expect(server.calls.map(({ purpose }) => purpose)).toEqual(["models", "probe", "count", "count", "unknown"]);
  });

  it("keeps what was asked where it is told to", async () => {
    const folder = mkdtempSync(join(tmpdir(), "model-server-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const server = await serve({ requestFolder: folder });
    await client?.ask({ url: server.url, prompt: "Hello." });
    expect(readdirSync(folder)).toEqual(["0001-chat-completions.json"]);
  });
});
