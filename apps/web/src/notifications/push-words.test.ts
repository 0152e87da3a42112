import { describe, expect, it } from "vitest";

import { pushWords } from "./push-words.ts";

const decided = {
  createdAt: 1,
  tries: 0,
  sentAt: null,
  status: null,
  problem: null,
  gaveUpAt: null,
  shownAt: null,
  clickedAt: null,
};
const words = (change: object) => pushWords({ ...decided, ...change }, (at) => `at ${at}`);

describe("the receipt of a push", () => {
  it("that no service took says since when, how often it was tried, and why", () => {
    expect(words({ tries: 2, problem: "push.example could not be reached" })).toEqual({
      meaning: "active",
      parts: ["not taken by the push service since at 1, 2 tries: push.example could not be reached"],
    });
  });

  it("that was given up says so, and is no success", () => {
    const { meaning, parts } = words({ gaveUpAt: 9, problem: "given up after 10 tries" });
    expect(meaning).toBe("unknown");
    expect(parts).toEqual(["not sent, given up at 9: given up after 10 tries"]);
  });

  it("that was sent is green only once the browser says that it was shown", () => {
    expect(words({ sentAt: 2, status: 201 })).toEqual({
      meaning: "active",
      parts: ["sent to the push service at 2 (201)", "not shown yet, as far as the browser said"],
    });
    expect(words({ sentAt: 2, status: 201, shownAt: 3, clickedAt: 4 })).toEqual({
      meaning: "done",
      parts: ["sent to the push service at 2 (201)", "shown by the browser at 3", "pressed at 4"],
    });
  });
});
