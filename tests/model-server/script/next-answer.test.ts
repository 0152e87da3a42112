import { describe, expect, it } from "vitest";

import type { Answer } from "./answer.ts";
import type { Conversation, DeclaredTool, Turn } from "./conversation.ts";
import { nextAnswer } from "./next-answer.ts";
import { promptOf, type Script } from "./script.ts";

const bash: DeclaredTool = {
  name: "bash",
  description: "",
  parameters: { properties: { command: { type: "string" } }, required: ["command"] },
};

const user = (text: string): Turn => ({ kind: "user", text });
const result: Turn = { kind: "result" };

function answerTo(turns: readonly Turn[], more: Partial<Conversation> = {}): Answer {
  const plain = { model: "m", isStreamed: true, system: "", tools: [bash], mustCall: false, answerSchema: null };
  return nextAnswer({ ...plain, turns, ...more }, { chunkSize: 100 });
}

/** The answer in short: what is said, and the commands that are run. */
function inShort({ parts }: Answer): readonly unknown[] {
  return parts.map((part) => {
    if (part.kind === "text") return part.chunks.join("|");
    return part.kind === "call" ? part.call.input : part.kind;
  });
}

const script: Script = [
  { say: "First." },
  { run: "one" },
  { run: "two" },
  { say: "Last." },
  { say: "Really." },
  { run: "three" },
];

describe("the next answer", () => {
  it.each([
    [0, ["First.", { command: "one" }]],
    [1, [{ command: "two" }]],
    [2, ["Last.", "Really.", { command: "three" }]],
    [3, ["Done."]],
    [9, ["Done."]],
  ])("after %d results is the steps up to the next call", (results, expected) => {
    const turns = [user(promptOf(script)), ...Array.from({ length: results }, () => result)];
    expect(inShort(answerTo(turns))).toEqual(expected);
  });

  it("follows the last script, and counts the results since then alone", () => {
    const turns = [user(promptOf(script)), result, result, user(promptOf([{ run: "new" }, { say: "Ended." }])), result];
    expect(inShort(answerTo(turns))).toEqual(["Ended."]);
  });

  it("goes on with the script where a later prompt has none", () => {
    expect(inShort(answerTo([user(promptOf(script)), result, user("Go on.")]))).toEqual([{ command: "two" }]);
  });

  it("is short where nobody gave a script", () => {
    expect(inShort(answerTo([user("Hello.")]))).toEqual(["Ready."]);
  });

  it("leaves a plan out where the agent keeps none", () => {
    const turns = [user(promptOf([{ plan: ["a", "b"] }, { run: "one" }])), result];
    expect(inShort(answerTo(turns))).toEqual(["Done."]);
  });

  it("puts what comes before the first word before the first byte", () => {
    const answer = answerTo([user(promptOf([{ delayMs: 5 }, { say: "So." }, { delayMs: 6 }, { run: "x" }]))]);
    expect(answer.pauses).toEqual([{ kind: "wait", delayMs: 5 }]);
    expect(inShort(answer)).toEqual(["So.", "wait", { command: "x" }]);
  });
});

describe("an auxiliary call", () => {
  const turns = [user(promptOf(script))];

  it("without tools gets a short text, and the quoted script is no order", () => {
    expect(inShort(answerTo(turns, { tools: [] }))).toEqual(["Ready."]);
  });

  it("that wants JSON gets the smallest", () => {
    const answerSchema = { properties: { title: {}, tags: { type: "array" } }, required: ["title", "tags"] };
    expect(inShort(answerTo(turns, { tools: [], answerSchema }))).toEqual(['{"title":"ready","tags":[]}']);
  });

  it("that wants a verdict by a tool of its own gets one", () => {
    const parameters = { properties: { shouldBlock: { type: "boolean" } }, required: ["shouldBlock"] };
    const tools = [{ name: "respond_in_schema", description: "", parameters }];
    expect(inShort(answerTo(turns, { tools, mustCall: true }))).toEqual([{ shouldBlock: false }]);
  });

  it.each(["[SUGGESTION MODE: …]", "Managed memory has TWO directories."])("is told by its words: %s", (words) => {
    expect(inShort(answerTo([...turns, user(words)]))).toEqual(["Ready."]);
  });
});
