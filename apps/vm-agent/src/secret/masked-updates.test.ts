import { describe, expect, it } from "vitest";

import { MaskedUpdates, maskJson } from "./masked-updates.ts";
import { SecretMask } from "./secret-mask.ts";

const mask = new SecretMask([
  { name: "KEY", value: "sk-123456" },
  { name: "WORD", value: "agent_message_chunk" },
  { name: "PIN", value: "4711474747" },
]);

function chunk(text: string, more: Record<string, unknown> = {}) {
  return { sessionUpdate: "agent_message_chunk", content: { type: "text", text }, ...more };
}

function textsOf(updates: readonly Readonly<Record<string, unknown>>[]): string[] {
  return updates.map((update) => (update["content"] as { text?: string } | undefined)?.text ?? JSON.stringify(update));
}

describe("masked updates", () => {
  it("show nothing of a secret that is cut between chunks, with updates between them that show nothing", () => {
    const updates = new MaskedUpdates(() => mask);
    const shown = [
      ...updates.take(chunk("the key is sk-12")),
      ...updates.take({ sessionUpdate: "usage_update", used: 1 }),
      ...updates.take(chunk("34")),
      ...updates.take(chunk("56, and so on")),
      ...updates.flush(),
    ];
    expect(textsOf(shown)).toEqual(["the key is ", expect.stringContaining("usage_update"), "[secret KEY], and so on"]);
  });

  it("say what waited before anything else is shown, and at the end", () => {
    const updates = new MaskedUpdates(() => mask);
    expect(textsOf(updates.take(chunk("ends with sk")))).toEqual(["ends with "]);
    expect(textsOf(updates.take({ sessionUpdate: "tool_call", toolCallId: "1", title: "ls", content: [] }))).toEqual([
      "sk",
      expect.stringContaining("tool_call"),
    ]);
    updates.take(chunk("sk-1", { messageId: "a" }));
    expect(textsOf(updates.take(chunk("other", { messageId: "b" })))).toEqual(["sk-1", "other"]);
    updates.take(chunk("sk"));
    expect(textsOf(updates.flush())).toEqual(["sk"]);
    expect(updates.flush()).toEqual([]);
  });

  it("pass a chunk without a text on, since it may carry something else", () => {
    const updates = new MaskedUpdates(() => mask);
    const empty = chunk("", { _meta: { usage: 1 } });
    expect(updates.take(empty)).toEqual([empty]);
  });

  it("hide secrets in every text, key and number, and leave the words of the protocol", () => {
    const update = chunk("x", {
      _meta: { "sk-123456": ["sk-123456", { deep: 'say "sk-123456"' }], pin: 4711474747, count: 4711 },
    });
    const shown = maskJson(update, mask);
    expect(JSON.stringify(shown)).not.toMatch(/sk-123456|4711474747/);
    expect(shown["sessionUpdate"]).toBe("agent_message_chunk");
    expect(shown["_meta"]).toMatchObject({ count: 4711 });
  });

  it("leave out the beginning of a secret at the end of an output that grows, until the tool is done", () => {
    const updates = new MaskedUpdates(() => mask);
    const output = (text: string, status: string) => ({
      sessionUpdate: "tool_call_update",
      toolCallId: "1",
      status,
      content: [{ type: "content", content: { type: "text", text } }],
    });
    expect(JSON.stringify(updates.take(output("KEY=sk-1234", "in_progress")))).not.toContain("sk-1");
    expect(JSON.stringify(updates.take(output("KEY=sk-123456", "completed")))).toContain("KEY=[secret KEY]");
  });

  it("do not look deeper than anybody would", () => {
    let deep: Record<string, unknown> = { text: "sk-123456" };
    for (let level = 0; level < 200; level += 1) deep = { deep };
    expect(JSON.stringify(maskJson(deep, mask))).not.toContain("sk-123456");
  });
});
