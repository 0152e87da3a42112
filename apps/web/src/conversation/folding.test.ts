import type { MessageBody } from "@sam/protocol/message";
import { describe, expect, it } from "vitest";

import { Folding } from "./folding.ts";
import { heldPageSchema } from "./held-message.ts";
import { calls, messages, note, reports, says, start, thinks, turnEnded, update } from "./testing/messages.ts";

function folded(...bodies: readonly MessageBody[]) {
  const folding = new Folding();
  for (const message of messages(bodies)) folding.take(message);
  return folding.items;
}

const kinds = (items: ReturnType<typeof folded>) => items.map(({ kind }) => kind);

describe("what an agent says", () => {
  it("is joined from its chunks, and thoughts stand apart", () => {
    const items = folded(thinks("Let me "), thinks("see."), says("Hel"), says("lo"), says("!"));
    expect(items).toMatchObject([
      { kind: "thought", text: "Let me see." },
      { kind: "prose", text: "Hello!", seq: 3, lastSeq: 5 },
    ]);
  });

  it("is another message under another id, and in another turn", () => {
    const chunk = (text: string, messageId: string) =>
      update({ sessionUpdate: "agent_message_chunk", messageId, content: { type: "text", text } });
    expect(folded(chunk("a", "1"), chunk("b", "1"), chunk("c", "2"))).toMatchObject([{ text: "ab" }, { text: "c" }]);
    expect(folded(says("a", 1), says("b", 2))).toHaveLength(2);
  });

  it("goes on over what is told of a tool meanwhile", () => {
    expect(kinds(folded(calls("1"), says("It "), reports("1", { status: "completed" }), says("works")))).toEqual([
      "tool",
      "prose",
    ]);
  });

  it("names what is no text, and loads none of it", () => {
    const image = { type: "image", mimeType: "image/png", data: "AAAA", uri: "https://evil.example/p.png" };
    const [item] = folded(update({ sessionUpdate: "agent_message_chunk", content: image }));
    expect(item).toMatchObject({ kind: "prose", text: "\n\n[image, image/png, not shown]\n\n" });
    expect(JSON.stringify(item)).not.toContain("AAAA");
  });

  it("is shown in pieces where it is long, none of which is read again when a word is added", () => {
    const paragraph = `${"word ".repeat(100)}\n\nThen\n\n`;
    const items = folded(...Array.from({ length: 40 }, () => says(paragraph)));
    expect(items.length).toBeGreaterThan(3);
    expect(items.map((item) => (item.kind === "prose" ? item.text : "")).join("")).toBe(paragraph.repeat(40));
    expect(items.map((item) => item.kind === "prose" && item.continues)).toEqual([
      false,
      ...items.slice(1).map(() => true),
    ]);
  });

  it("keeps a fence whole in its pieces", () => {
    const lines = "let a = 1;\n\nand this\n".repeat(4_000);
    const items = folded(says(`Look:\n\n\`\`\`js\n${lines}\`\`\`\n\nDone.\n`));
    const texts = items.map((item) => (item.kind === "prose" ? item.text : ""));
    expect(texts.length).toBeGreaterThan(1);
    for (const text of texts.slice(1, -1)) expect(text.startsWith("```\n")).toBe(true);
  });
});

describe("a tool call", () => {
  it("is one item, with its outcome and its time", () => {
    const content = [
      { type: "content", content: { type: "text", text: "42 tests" } },
      { type: "diff", path: "/repo/a.ts", oldText: null, newText: "x" },
    ];
    const [item, ...others] = folded(
      calls("1", { kind: "execute", title: "npm test", rawInput: { command: "npm test" } }),
      reports("1", { status: "in_progress", content }),
      reports("1", { status: "completed", rawOutput: { exitCode: 0, durationMs: 300 } }),
    );
    expect(others).toEqual([]);
    expect(item).toMatchObject({
      kind: "tool",
      seq: 1,
      lastSeq: 3,
      call: {
        title: "npm test",
        toolKind: "execute",
        outcome: "completed",
        output: "42 tests",
        diffs: [{ path: "/repo/a.ts", oldText: "", newText: "x" }],
        exitCode: 0,
        durationMs: 300,
        startedAt: start + 1_000,
        endedAt: start + 3_000,
      },
    });
  });

  it("stays as it ended, although a session that is loaded again repeats it", () => {
    const ended = reports("1", { status: "failed" });
    const items = folded(calls("1"), ended, calls("1"), reports("1", { status: "completed" }));
    expect(items).toMatchObject([{ call: { outcome: "failed" } }]);
  });

  it.each([
    ["its turn ended", turnEnded()],
    ["another turn began", { kind: "prompt", turn: 2, text: "On" } as const],
    [
      "the task went on to its delivery",
      { kind: "step", from: "running", to: "delivery", text: "", tookMs: 1 } as const,
    ],
  ])("is silent where %s and nobody said how it did", (_, body) => {
    expect(folded(calls("1"), body)[0]).toMatchObject({ call: { outcome: "silent", endedAt: start + 2_000 } });
  });

  it("is another one in another turn, and known by its update where its beginning is not held", () => {
    expect(folded(calls("1"), calls("1", {}, 2))).toHaveLength(2);
    expect(folded(reports("7", { status: "completed", title: "late" }))).toMatchObject([{ call: { title: "late" } }]);
  });
});

describe("a plan", () => {
  const plan = (...entries: [string, string][]) =>
    update({ sessionUpdate: "plan", entries: entries.map(([content, status]) => ({ content, status })) });

  it("stays in its place and is as it was told last", () => {
    const items = folded(plan(["a", "pending"]), says("On it"), plan(["a", "completed"], ["b", "odd"]));
    expect(kinds(items)).toEqual(["plan", "prose"]);
    expect(items[0]).toMatchObject({
      entries: [
        { content: "a", status: "completed" },
        { content: "b", status: "pending" },
      ],
    });
  });

  it("is counted at the end of its turn: what is left is said", () => {
    const items = folded(plan(["a", "completed"], ["b", "pending"]), turnEnded());
    expect(items[1]).toMatchObject({ kind: "turn_ended", planLeft: 1 });
  });
});

describe("a permission", () => {
  const question: MessageBody = {
    kind: "permission",
    requestId: "q",
    title: "Run rm -rf build",
    detail: "rm -rf build",
    toolKind: "execute",
    options: [{ optionId: "a", name: "Allow", kind: "allow_once" }],
  };
  const settled = (by: string): MessageBody => ({ kind: "permission_settled", requestId: "q", optionId: "a", by });

  it("stands with its answer and with who gave it; the first one counts", () => {
    const items = folded(question, settled("user_1"), settled("sam"));
    expect(items).toMatchObject([{ kind: "permission", settled: { optionId: "a", by: "user_1", at: start + 2_000 } }]);
  });

  it("is told as settled where the question is not held", () => {
    expect(folded(settled("policy:allow_edits"))).toMatchObject([
      { kind: "settled", settled: { by: "policy:allow_edits" } },
    ]);
  });
});

describe("an author", () => {
  it.each(["note", "verdicts", "failure", "prompt", "step", "permission"])(
    "who is the agent cannot say a %s",
    (kind) => {
      const folding = new Folding();
      const bodies: Record<string, MessageBody> = {
        note: note("All checks passed"),
        verdicts: { kind: "verdicts", verdicts: { ended: null, produced: null, checked: null, pushed: null } },
        failure: { kind: "failure", reason: "x", whatToDo: "y", evidence: "z" },
        prompt: { kind: "prompt", turn: 1, text: "I am the user" },
        step: { kind: "step", from: null, to: "completed", text: "", tookMs: null },
        permission: { kind: "permission", requestId: "1", title: "t", detail: null, toolKind: "edit", options: [] },
      };
      folding.take({ seq: 1, at: start, author: "agent", body: bodies[kind] ?? note("") });
      expect(kinds(folding.items)).toEqual(["unreadable"]);
    },
  );

  it("who is SAM or the user cannot speak as the agent", () => {
    const folding = new Folding();
    folding.take({ seq: 1, at: start, author: "user", body: says("I am the agent") });
    folding.take({ seq: 2, at: start, author: "sam", body: says("I too") });
    expect(kinds(folding.items)).toEqual(["unreadable", "unreadable"]);
  });
});

describe("what is not understood", () => {
  it("of an agent is left out and breaks nothing", () => {
    const odd = [
      { sessionUpdate: "new_kind" },
      { sessionUpdate: "tool_call" },
      { sessionUpdate: "plan", entries: 3 },
      {},
    ];
    expect(folded(...odd.map((each) => update(each)))).toEqual([]);
    expect(kinds(folded(reports("1", { title: 7, status: "strange", content: "none", locations: 3 })))).toEqual([
      "tool",
    ]);
    expect(
      folded(update({ sessionUpdate: "user_message_chunk", content: { type: "text", text: "I am you" } })),
    ).toEqual([]);
  });

  it("of a page keeps its place and hides no other", () => {
    const [one, , three] = messages([note("one"), note("two"), note("three")]);
    const page = heldPageSchema.parse({
      lastSeq: 3,
      messages: [one, { seq: 2, at: start, author: "sam", body: { kind: "of tomorrow" } }, three, { no: "place" }],
    });
    expect(page.messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    const folding = new Folding();
    for (const message of page.messages) folding.take(message);
    expect(kinds(folding.items)).toEqual(["note", "unreadable", "note"]);
  });
});
