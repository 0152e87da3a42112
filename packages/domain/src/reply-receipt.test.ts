import { describe, expect, it } from "vitest";

import { replyReceipt } from "./reply-receipt.ts";

const nowMs = 1_792_000_000_000;
const accepted = {
  requestId: "q1",
  turn: null,
  acceptedAt: nowMs,
  onMachineAt: null,
  readAt: null,
  missed: null,
};

describe("the receipt of a reply", () => {
  it("ticks what came, and says since when the next line is awaited", () => {
    expect(replyReceipt({ ...accepted, onMachineAt: nowMs + 40 })).toEqual({
      lines: [
        { word: "accepted", at: nowMs },
        { word: "on the machine", at: nowMs + 40 },
      ],
      lacking: { word: "read by the agent", since: nowMs + 40, why: null },
    });
  });

  it("that will not come says since when, and why", () => {
    const missed = { at: nowMs + 9_000, why: "its agent ended before it read it" };
    expect(replyReceipt({ ...accepted, missed }).lacking).toEqual({
      word: "on the machine",
      since: missed.at,
      why: missed.why,
    });
  });

  it("lacks nothing where all came, nor of words that wait for the end of a turn", () => {
    expect(replyReceipt({ ...accepted, onMachineAt: nowMs, readAt: nowMs }).lacking).toBeNull();
    expect(replyReceipt({ ...accepted, requestId: null }).lacking).toBeNull();
  });
});
