import { describe, expect, it } from "vitest";

import { maxUpdateBytes, trimUpdate } from "./trimmed-update.ts";

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

describe("an update", () => {
  it("that is small enough is the very same", () => {
    const update = { sessionUpdate: "plan", entries: [] };
    expect(trimUpdate(update)).toBe(update);
  });

  it("that is too big keeps its structure, and the beginning and the end of its texts", () => {
    const text = `begin${"é".repeat(400_000)}end`;
    const update = {
      sessionUpdate: "tool_call_update",
      toolCallId: "call-7",
      status: "failed",
      rawOutput: { stdout: text, code: 1 },
    };
    const trimmed = trimUpdate(update);
    expect(bytesOf(trimmed)).toBeLessThanOrEqual(maxUpdateBytes);
    expect(trimmed).toMatchObject({
      toolCallId: "call-7",
      status: "failed",
      rawOutput: { code: 1, stdout: expect.stringMatching(/^begin.*bytes left out.*end$/s) },
    });
    expect(trimmed["_meta"]).toEqual({ "sam.dev/leftOutBytes": expect.any(Number) });
  });

  it("of many texts, or many items, or one whose media can't be halved, fits too", () => {
    const many = {
      sessionUpdate: "tool_call",
      content: Array.from({ length: 5_000 }, () => ({ type: "text", text: "x".repeat(300) })),
    };
    const image = {
      sessionUpdate: "agent_message_chunk",
      content: { type: "image", mimeType: "image/png", data: "A".repeat(900_000) },
    };
    const wide = {
      sessionUpdate: "x".repeat(10),
      ...Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`key${index}`, index])),
    };
    for (const update of [many, image, wide]) expect(bytesOf(trimUpdate(update))).toBeLessThanOrEqual(maxUpdateBytes);
    expect(trimUpdate(image)).toMatchObject({ content: { type: "image", data: "" } });
    expect(trimUpdate(wide)).toEqual({
      sessionUpdate: "x".repeat(10),
      _meta: { "sam.dev/leftOutBytes": bytesOf(wide) },
    });
  });
});
