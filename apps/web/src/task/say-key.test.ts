import { makeId } from "@sam/domain/ids";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { forgetSayKey, sayKey } from "./say-key.ts";

const taskId = makeId("task", "01JAAAAAAAAAAAAAAAAAAAAA01");
const other = makeId("task", "01JAAAAAAAAAAAAAAAAAAAAA02");

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  });
});
afterEach(() => void vi.unstubAllGlobals());

describe("the key of words", () => {
  it("is the same however often they are sent, until they are taken", () => {
    const key = sayKey(taskId, "On with it");
    expect(sayKey(taskId, "On with it")).toBe(key);
    forgetSayKey(taskId);
    expect(sayKey(taskId, "On with it")).not.toBe(key);
  });

  it("is another one for other words, and for another task", () => {
    const key = sayKey(taskId, "On with it");
    expect(sayKey(taskId, "On with that")).not.toBe(key);
    expect(sayKey(other, "On with it")).not.toBe(key);
  });

  it("is drawn anew where the browser keeps nothing, or something else stands there", () => {
    sessionStorage.setItem(`sam.said.${taskId}`, '{"key":"no id","text":"On with it"}');
    expect(sayKey(taskId, "On with it")).toMatch(/^task_/);
    const refuse = () => {
      throw new Error("refused");
    };
    vi.stubGlobal("sessionStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
    expect(sayKey(taskId, "On with it")).toMatch(/^task_/);
    forgetSayKey(taskId);
  });
});
