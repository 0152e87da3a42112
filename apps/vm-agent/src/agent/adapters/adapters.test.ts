import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";

import { agentCatalog, catalogAgentIds, type CatalogAgentId } from "@sam/domain/agent-catalog";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { adapters } from "./adapter-table.ts";
import type { LaunchPlace } from "./agent-adapter.ts";

let folder: string;
let place: LaunchPlace;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sam-adapters-"));
  place = {
    home: join(folder, "home"),
    stateFolder: join(folder, "state"),
    workspace: join(folder, "workspace"),
    installation: join(folder, "installation"),
    nodeCache: join(folder, "cache"),
    model: 'a-"model"',
    modelUrl: "http://127.0.0.1:4711",
    modelToken: "the-token-of-this-start",
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const asked = { isOwnServer: false, isLoaded: false };
const acp = (inputTokens: number, outputTokens: number, cachedReadTokens: number, more = {}) => ({
  stopReason: "end_turn",
  usage: { inputTokens, outputTokens, cachedReadTokens, totalTokens: 0, ...more },
});
const update = (usage: object) => ({
  sessionUpdate: "agent_message_chunk",
  content: { type: "text", text: "" },
  _meta: { usage },
});

describe("an adapter", () => {
  it("gives its agent the gateway for a model, and writes no token and nothing outside of its home", () => {
    const root = folder;
    for (const agentId of catalogAgentIds) {
      const { env, args, files } = adapters[agentId].launch(place);
      const texts = files.map(({ text }) => text);
      const elsewhere = files.map(({ path }) => relative(root, path)).filter((way) => way.startsWith(".."));
      const said = JSON.stringify([env, args, texts]);
      expect({ agentId, isModelGiven: said.includes(place.modelUrl), elsewhere }).toEqual({
        agentId,
        isModelGiven: true,
        elsewhere: [],
      });
      expect(Object.values(env).join(" ")).toContain(place.modelToken);
      expect(texts.join(" ")).not.toContain(place.modelToken);
    }
  });

  it("knows its model as the catalog does", () => {
    for (const agentId of catalogAgentIds) {
      const { dialect, defaultBaseUrl, keyName } = agentCatalog[agentId];
      expect(adapters[agentId].model).toMatchObject({ dialect, defaultBaseUrl, keyName });
    }
  });

  it("reads usage with what was cached among the input, as that of a turn, whatever its agent counts", () => {
    const read = (agentId: CatalogAgentId, response: unknown, ...updates: object[]) => {
      const reader = adapters[agentId].usage(asked);
      for (const each of updates) reader.note({ ...each });
      return reader.endTurn(response);
    };
    const work = { scope: "turn", inputTokens: 330, outputTokens: 7, cachedInputTokens: 120, cost: null };
    expect(read("codex", acp(210, 7, 120))).toEqual(work);
    expect(read("claude-code", acp(210, 7, 120))).toEqual(work);
    expect(read("copilot", acp(330, 7, 120))).toEqual(work);
    expect(read("opencode", acp(80, 1, 40, { thoughtTokens: 2 }))).toEqual({
      ...work,
      scope: "last_call",
      inputTokens: 120,
      outputTokens: 3,
      cachedInputTokens: 40,
    });
    const quota = { token_count: { input_tokens: 330, output_tokens: 6 } };
    expect(read("gemini", { stopReason: "end_turn", _meta: { quota } })).toEqual({
      ...work,
      outputTokens: 6,
      cachedInputTokens: null,
    });
    const calls = [100, 110, 120].map((inputTokens) => update({ inputTokens, outputTokens: 2, cachedReadTokens: 40 }));
    expect(read("qwen", { stopReason: "end_turn" }, ...calls)).toEqual({ ...work, outputTokens: 6 });
    for (const agentId of catalogAgentIds) {
      for (const response of [null, { stopReason: "end_turn" }, { usage: { inputTokens: -1, outputTokens: "x" } }])
        expect([agentId, read(agentId, response)]).toEqual([agentId, null]);
    }
  });

  it("adds nothing up wrongly over turns", () => {
    const copilot = adapters.copilot.usage(asked);
    copilot.endTurn(acp(330, 7, 120));
    expect(copilot.endTurn(acp(430, 8, 160))).toMatchObject({
      inputTokens: 100,
      outputTokens: 1,
      cachedInputTokens: 40,
    });
    const qwen = adapters.qwen.usage(asked);
    qwen.note(update({ inputTokens: 100, outputTokens: 2 }));
    qwen.endTurn(null);
    expect(qwen.endTurn(null)).toBeNull();
  });

  it("tells the cost of a turn out of that of a session, and none where prices say nothing or the beginning is not known", () => {
    const cost = (amount: number) => ({ sessionUpdate: "usage_update", cost: { amount, currency: "USD" } });
    const turns = (session: typeof asked) => {
      const reader = adapters["claude-code"].usage(session);
      return [0.000978, 0.001437, 0.0001].map((amount) => {
        reader.note(cost(amount));
        return reader.endTurn(acp(1, 1, 0))?.cost;
      });
    };
    const second = { amount: 0.000459, currency: "USD" };
    expect(turns(asked)).toEqual([{ amount: 0.000978, currency: "USD" }, second, null]);
    expect(turns({ ...asked, isLoaded: true })).toEqual([null, second, null]);
    expect(turns({ ...asked, isOwnServer: true })).toEqual([null, null, null]);
  });
});

describe("Gemini's chats", () => {
  it("are moved out of the way of a load, each under a name of its own", () => {
    const chats = join(place.stateFolder, "gemini/.gemini/tmp/project/chats");
    mkdirSync(chats, { recursive: true });
    const names = [
      "session-2026-11-25T18-15-921f428d.jsonl",
      "session-2026-11-25T18-16-921f428d.jsonl",
      "session-2026-11-25T18-15-other123.jsonl",
    ];
    for (const name of names) writeFileSync(join(chats, name), name);
    const { prepareLoad } = adapters.gemini;
    prepareLoad?.(place, "921f428d-ad04-4926-8425-8bd8c72fa2c2");
    prepareLoad?.(place, "921f428d-ad04-4926-8425-8bd8c72fa2c2");
    expect(readdirSync(chats).toSorted()).toEqual([
      "session-2000-01-01T00-00-921f428d.jsonl",
      "session-2000-01-01T00-01-921f428d.jsonl",
      "session-2026-11-25T18-15-other123.jsonl",
    ]);
    prepareLoad?.({ ...place, stateFolder: "/nonexistent" }, "any");
    expect(existsSync("/nonexistent")).toBe(false);
  });
});
