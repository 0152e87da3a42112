import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { SecretMask } from "../secret/secret-mask.ts";
import { UpdateStream } from "./update-stream.ts";

let said: Readonly<Record<string, unknown>>[];
let stream: UpdateStream;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  said = [];
  const mask = new SecretMask([{ name: "KEY", value: "sk-123456" }]);
  stream = new UpdateStream(
    () => mask,
    (update) => said.push(update),
  );
});
afterEach(() => vi.useRealTimers());

const call = { sessionUpdate: "tool_call", toolCallId: "1", title: "make", kind: "execute", status: "pending" };
const step = (more: object) => ({ sessionUpdate: "tool_call_update", toolCallId: "1", ...more });
const piece = (data: string) => step({ _meta: { terminal_output_delta: { data, terminal_id: "1" } } });
const output = (text: string) => [{ type: "content", content: { type: "text", text } }];

describe("a stream of updates", () => {
  it("tells of a tool call before anything is said of it", () => {
    stream.take(step({ status: "completed", title: "ls" }));
    stream.announce({ toolCallId: "2", title: "rm", kind: "execute" });
    stream.announce({ toolCallId: "2", title: "rm", kind: "execute" });
    stream.take({ ...step({ status: "completed" }), toolCallId: "2" });
    expect(said.map(({ sessionUpdate, toolCallId, title }) => [sessionUpdate, toolCallId, title])).toEqual([
      ["tool_call", "1", "ls"],
      ["tool_call", "2", "rm"],
      ["tool_call_update", "2", undefined],
    ]);
  });

  it("tells the output of a command as the protocol does, what comes quickly together, and its exit", () => {
    stream.take(call);
    for (const text of ["one\n", "two\n", "three sk-12", "3456\n"]) stream.take(piece(text));
    expect(said.slice(1)).toEqual([step({ _meta: {}, content: output("one\n") })]);
    vi.advanceTimersByTime(1_000);
    expect(said.at(-1)).toEqual(step({ _meta: {}, content: output("one\ntwo\nthree [secret KEY]\n") }));
    stream.take(piece("four\n"));
    stream.take(step({ status: "completed", _meta: { terminal_exit: { exit_code: 2 }, other: 1 } }));
    expect(said.at(-1)).toMatchObject({
      status: "completed",
      content: output("one\ntwo\nthree [secret KEY]\nfour\n"),
      rawOutput: { exitCode: 2 },
      _meta: { other: 1 },
    });
    vi.advanceTimersByTime(10_000);
    expect(said).toHaveLength(5);
  });

  it("keeps the end of an output that is too long", () => {
    stream.take(call);
    for (let count = 0; count < 100; count += 1) stream.take(piece(`${String(count)}${"x".repeat(10_000)}\n`));
    vi.advanceTimersByTime(1_000);
    const text = JSON.stringify(said.at(-1)?.["content"]);
    expect(text.length).toBeLessThan(52_000);
    expect(text).toMatch(/left out.*\\n99x+\\n"/);
  });

  it("ends what a turn that was cut short has left open, and nothing else", () => {
    stream.take(call);
    stream.take({ ...call, toolCallId: "2" });
    stream.take({ ...step({ status: "completed" }), toolCallId: "2" });
    stream.endTurn(false);
    expect(said).toHaveLength(3);
    stream.endTurn(true);
    stream.endTurn(true);
    expect(said.slice(3)).toEqual([step({ status: "failed" })]);
  });
});
