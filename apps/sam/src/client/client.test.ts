import type { Message } from "@sam/protocol/message";
import { describe, expect, it } from "vitest";

import { exitCodes, UsageError } from "../exit-code.ts";
import { apiError } from "./api-error.ts";
import { isPartOf, partOf, pick } from "./task-id.ts";
import { MessageOrder } from "./task-stream.ts";

describe("an answer that says no", () => {
  const problem = {
    type: "about:blank",
    title: "Invalid input",
    status: 400,
    detail: "Two fields are not as they should be.",
    code: "invalid_input",
    errors: [
      { field: "prompt", message: "is empty" },
      { field: "repository.url", message: "must be an absolute path\u001b[2J" },
    ],
  };

  it("is told with its detail and its fields, and is bad usage where the input was", () => {
    const error = apiError(400, JSON.stringify(problem));
    expect(error.message).toBe(
      "Two fields are not as they should be.\n  prompt is empty\n  repository.url must be an absolute path",
    );
    expect(error.exitCode).toBe(exitCodes.usage);
  });

  it("says once what the detail says already", () => {
    const named = { ...problem, detail: "prompt is empty; repository.url is too long" };
    expect(
      apiError(422, JSON.stringify({ ...named, errors: [{ field: "prompt", message: "is empty" }] })).message,
    ).toBe(named.detail);
  });

  it("is a failure where the state was wrong, and told as such where it says nothing", () => {
    expect(apiError(409, JSON.stringify({ ...problem, status: 409, code: "not_allowed_now" })).exitCode).toBe(
      exitCodes.failed,
    );
    expect(apiError(502, "<html>").message).toBe("The control plane answered 502 without saying why.");
  });
});

describe("a part of an id", () => {
  const id = "task_01J8ABCDEFGHJKMNPQRSTVWXYZ";

  it("is its beginning or its end, with or without the prefix, in any case", () => {
    for (const text of ["task_01J8", "01j8abc", "vwxyz", "TASK_01J8"])
      expect(isPartOf(id, partOf("task", text))).toBe(true);
    expect(isPartOf(id, partOf("task", "ABC"))).toBe(false);
  });

  it("is refused where it cannot be of an id", () => {
    for (const text of ["", "ab", "not an id", "../etc", "task_"])
      expect(() => partOf("task", text)).toThrow(UsageError);
  });

  it("that fits more than one is refused, naming them; one that fits none is not found", () => {
    const found = [
      { id: "task_A", title: "one" },
      { id: "task_B", title: "two" },
    ];
    expect(() => pick("01J", found, "task")).toThrow(/more than one task.*\n {2}task_A {2}one\n {2}task_B {2}two/);
    expect(() => pick("01J", [], "task")).toThrow("There is no task 01J");
    expect(pick("01J", found.slice(0, 1), "task")).toBe("task_A");
  });
});

describe("messages", () => {
  const message = (seq: number): Message => ({ seq, at: 0, author: "sam", body: { kind: "note", text: String(seq) } });

  it("come once and in order; what was seen before is passed over", () => {
    const seen: number[] = [];
    const order = new MessageOrder(2, { onMessage: ({ seq }) => void seen.push(seq) });
    expect(order.take([message(1), message(2), message(3)])).toBe(true);
    expect(order.take([message(3), message(4)])).toBe(true);
    expect(seen).toEqual([3, 4]);
  });

  it("with one missing between them stop before the gap, and go on from there", () => {
    const seen: number[] = [];
    const order = new MessageOrder(0, { onMessage: ({ seq }) => void seen.push(seq) });
    expect(order.take([message(1), message(3)])).toBe(false);
    expect(order.lastSeq).toBe(1);
    expect(order.take([message(2), message(3)])).toBe(true);
    expect(seen).toEqual([1, 2, 3]);
  });
});
