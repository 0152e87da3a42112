import { describe, expect, it } from "vitest";

import { BlockOutput, HEAD_BYTES, TAIL_BYTES } from "./block-output.ts";

function outputOf(...chunks: (string | Uint8Array)[]): BlockOutput {
  const output = new BlockOutput();
  for (const chunk of chunks) {
    output.append(Buffer.from(chunk));
  }
  return output;
}

describe("the output of a block", () => {
  it.each([
    ["in one piece", HEAD_BYTES + TAIL_BYTES + 1],
    ["in large pieces", TAIL_BYTES + 7],
    ["in small pieces", 777],
  ])("keeps its first and last bytes and counts the rest, when it comes %s", (_name, size) => {
    const bytes = Buffer.from(Array.from({ length: 30_000 }, (_, at) => `${at}\n`).join(""));
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      chunks.push(bytes.subarray(at, at + size));
    }
    const leftOut = (bytes.length - HEAD_BYTES - TAIL_BYTES).toLocaleString("en-US");
    const head = bytes.toString("utf8", 0, HEAD_BYTES);
    const tail = bytes.toString("utf8", bytes.length - TAIL_BYTES);
    expect(outputOf(...chunks).text(true)).toBe(`${head}\n… ${leftOut} bytes left out …\n${tail}`);
  });

  it("is whole up to its limit", () => {
    const text = "x".repeat(HEAD_BYTES + TAIL_BYTES);
    expect(outputOf(text).text(true)).toBe(text);
  });

  it("is cut between characters, and counts those that were cut", () => {
    const euro = "€".repeat(HEAD_BYTES);
    const text = outputOf("x", euro).text(true);
    expect(text).not.toContain("\uFFFD");
    const kept = Buffer.byteLength(text.replace(/\n….*…\n/, ""));
    expect(text).toContain(`… ${(1 + 3 * HEAD_BYTES - kept).toLocaleString("en-US")} bytes left out …`);
  });

  it("holds back half a character while it grows, and shows it as lost at the end", () => {
    const output = outputOf(Buffer.from([0x61, 0xe2, 0x82]));
    expect(output.text(false)).toBe("a");
    expect(output.text(true)).toBe("a\uFFFD");
    output.append(Buffer.from([0xac]));
    expect(output.text(true)).toBe("a€");
  });

  it("is text, whatever it was", () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    const text = outputOf(all).text(true);
    expect(text).toContain("\t\n");
    expect(text).toContain("\u001b");
    expect(text).not.toContain("\0");
    expect(JSON.parse(JSON.stringify(text))).toBe(text);
  });

  it("copies what it keeps, since the memory of a chunk is used again", () => {
    const memory = Buffer.from("first");
    const output = new BlockOutput();
    output.append(memory);
    memory.fill("x");
    expect(output.text(true)).toBe("first");
  });
});
