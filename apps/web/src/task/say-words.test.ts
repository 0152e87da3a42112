import { describe, expect, it } from "vitest";

import type { Permission } from "./permission-words.ts";
import { sayWords, whyNothing } from "./say-words.ts";

const base = {
  canSay: null,
  mode: "task",
  branch: "sam/x",
  step: "running",
  canInterrupt: false,
  release: null,
  permission: null,
} as const;

describe("what saying something does", () => {
  it("is said beforehand", () => {
    expect(sayWords({ ...base, canSay: "waits_for_the_turn" })?.effect).toMatch(/told when its turn ends, or at once/);
    expect(sayWords({ ...base, canSay: "next_turn" })?.effect).toMatch(/next turn; at its end the work is delivered/);
    expect(sayWords({ ...base, canSay: "next_turn", mode: "conversation" })?.effect).toBe(
      "It begins the agent's next turn.",
    );
    expect(sayWords({ ...base, canSay: "continues" })?.effect).toMatch(/new task that continues this one on sam\/x/);
  });

  it("never calls an agent working that awaits an answer", () => {
    const permission: Permission = {
      requestId: "r1",
      title: "Write a.txt",
      toolKind: "edit",
      detail: null,
      askedAt: 1,
      options: [],
    };
    expect(sayWords({ ...base, canSay: "waits_for_the_turn", permission })?.effect).toMatch(
      /^The agent awaits your answer: it is told when its turn ends/,
    );
  });

  it("is nothing where it is not allowed, and why is said", () => {
    expect(sayWords(base)).toBeNull();
    expect(whyNothing({ step: "delivery", continuedBy: null })).toMatch(/being delivered/);
    expect(whyNothing({ step: "node_provisioning", continuedBy: null })).toMatch(/has not started/);
  });
});
