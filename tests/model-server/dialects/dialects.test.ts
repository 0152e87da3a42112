/** What each of the four dialects promises, in its own shape. */
import { describe, expect, it, onTestFinished } from "vitest";

import { ModelServer, type ModelServerOptions } from "../model-server.ts";
import { promptOf, type Script } from "../script/script.ts";
import { clients, type Client } from "../testing/client.ts";
import type { DialectName } from "./dialect.ts";

const usages: Readonly<Record<DialectName, unknown>> = {
  "chat-completions": {
    prompt_tokens: 110,
    completion_tokens: 5,
    total_tokens: 115,
    prompt_tokens_details: { cached_tokens: 40 },
    completion_tokens_details: { reasoning_tokens: 1 },
  },
  responses: {
    input_tokens: 110,
    input_tokens_details: { cached_tokens: 40 },
    output_tokens: 5,
    output_tokens_details: { reasoning_tokens: 1 },
    total_tokens: 115,
  },
  messages: { input_tokens: 70, cache_creation_input_tokens: 0, cache_read_input_tokens: 40, output_tokens: 5 },
  gemini: {
    promptTokenCount: 110,
    cachedContentTokenCount: 40,
    candidatesTokenCount: 4,
    thoughtsTokenCount: 1,
    totalTokenCount: 115,
  },
};

/** How a turn of the model ends that wants a tool, and one that doesn't. */
const ends: Readonly<Record<DialectName, readonly [string, string]>> = {
  "chat-completions": ["tool_calls", "stop"],
  responses: ["completed", "completed"],
  messages: ["tool_use", "end_turn"],
  gemini: ["STOP", "STOP"],
};

const errors: Readonly<Record<DialectName, unknown>> = {
  "chat-completions": { error: { code: "invalid_api_key", message: expect.any(String) } },
  responses: { error: { code: "invalid_api_key", message: expect.any(String) } },
  messages: { type: "error", error: { type: "authentication_error", message: expect.any(String) } },
  gemini: { error: { code: 401, status: "UNAUTHENTICATED", message: expect.any(String) } },
};

const script: Script = [
  { run: "true" },
  { think: "Hm." },
  { say: "Now the second command.", chunks: 3 },
  { run: "make 'all'" },
  { say: "Done so." },
];

async function serve(options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = await ModelServer.start(options);
  onTestFinished(() => server.stop());
  return server;
}

describe.each(clients)("$name", (client: Client) => {
  it.each([true, false])("says the steps up to the next call of a tool, streamed: %s", async (stream) => {
    const server = await serve();
    const heard = await client.ask({ url: server.url, prompt: promptOf(script), results: 1, isStreamed: stream });
    expect(heard.pieces).toEqual(stream ? ["Now the ", "second c", "ommand."] : ["Now the second command."]);
    expect(heard.thought).toBe("Hm.");
    expect(heard.calls).toEqual([{ name: expect.any(String), input: { command: "make 'all'" } }]);
    expect(heard.usage).toEqual(usages[client.name]);
    expect(heard.end).toBe(ends[client.name][0]);
  });

  it.each([true, false])("ends the turn with the last words, streamed: %s", async (stream) => {
    const server = await serve();
    const heard = await client.ask({ url: server.url, prompt: promptOf(script), results: 2, isStreamed: stream });
    expect(heard).toMatchObject({ status: 200, pieces: ["Done so."], calls: [], end: ends[client.name][1] });
  });

  it("refuses another key in its own words, and takes the right one", async () => {
    const server = await serve({ apiKey: "right-key" });
    const asked = { url: server.url, prompt: "Hello." };
    const refused = await client.ask({ ...asked, headers: client.key("wrong-key-9876") });
    expect(refused).toMatchObject({ status: 401, error: errors[client.name] });
    expect(await client.ask(asked)).toMatchObject({ status: 401 });
    const taken = await client.ask({ ...asked, headers: client.key("right-key") });
    expect(taken).toMatchObject({ status: 200, pieces: ["Ready."] });
    const [first, second, third] = server.calls;
    expect(first).toMatchObject({ dialect: client.name, status: 401, keyFingerprint: "9876", model: null });
    expect(second).toMatchObject({ keyFingerprint: null });
    expect(third).toMatchObject({ status: 200, keyFingerprint: "-key", model: "m" });
    expect(JSON.stringify(server.calls)).not.toContain("wrong-key");
  });

  it("names a model that does not exist", async () => {
    const server = await serve({ models: ["another"] });
    const heard = await client.ask({ url: server.url, prompt: "Hello." });
    expect(heard).toMatchObject({ status: 404, error: { error: { message: expect.stringContaining("model m ") } } });
  });
});
