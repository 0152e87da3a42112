import type { NewMessage } from "@sam/domain/message";
import { isFinal } from "@sam/domain/task-lifecycle";
import { alphabet } from "@sam/domain/testing/task-alphabet";
import { lifeIn } from "@sam/domain/testing/task-life";
import { describe, expect, it } from "vitest";

import { messageBodySchema, messageSchema } from "./message.ts";

/** Whatever a task says in these lives: every event, in steps that are far enough apart to say everything. */
function everythingSaid(): readonly NewMessage[] {
  return (["running", "awaiting_input", "delivery", "cancelling"] as const).flatMap((step) =>
    alphabet(lifeIn(step).facts).flatMap((event) => {
      const life = lifeIn(step);
      life.happens(event);
      while (!isFinal(life.step)) life.looks();
      return life.messages;
    }),
  );
}

describe("a message", () => {
  it("reaches the client whole: every kind that a task says, with every field", () => {
    const kinds = new Set<string>();
    for (const { author, body } of everythingSaid()) {
      kinds.add(body.kind);
      const message = { seq: 1, at: 0, author, body };
      expect(messageSchema.parse(structuredClone(message))).toEqual(message);
    }
    expect(kinds).toEqual(new Set(messageBodySchema.options.map((option) => option.shape.kind.value)));
  });

  it("is SAM's, the user's or the agent's, and an agent's is an update and nothing else", () => {
    const agents = everythingSaid().filter(({ author }) => author === "agent");
    expect(new Set(agents.map(({ body }) => body.kind))).toEqual(new Set(["agent_update"]));
    const body = { kind: "note", text: "hello" };
    expect(messageSchema.safeParse({ seq: 1, at: 0, author: "system", body }).success).toBe(false);
    expect(messageSchema.safeParse({ seq: 0, at: 0, author: "sam", body }).success).toBe(false);
  });
});
