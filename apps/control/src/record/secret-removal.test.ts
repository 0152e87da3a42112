/** No secret leaves in a file, however deep it stands and however it is written; SAM's own words stay readable. */
import { describe, expect, it } from "vitest";

import { SecretRemoval } from "./secret-removal.ts";

const value = "tok+en/with ümlaut";
const removal = new SecretRemoval(new Map([["TOKEN", value]]));

describe("a secret is removed", () => {
  it.each([
    ["as it is", `a ${value} b`, "a [secret TOKEN] b"],
    ["encoded for a URL", `?k=${encodeURIComponent(value)}`, "?k=[secret TOKEN]"],
    ["twice", `${value}${value}`, "[secret TOKEN][secret TOKEN]"],
  ])("%s", (_how, text, clean) => {
    expect(removal.from({ deep: [{ text }] })).toEqual({ deep: [{ text: clean }] });
  });

  it("in base64, wherever it begins in a group", () => {
    for (const before of ["", "a", "ab", "abc"]) {
      const bytes = new TextEncoder().encode(`${before}${value}!`);
      const encoded = btoa(String.fromCharCode(...bytes));
      expect(removal.from(encoded)).toContain("[secret TOKEN]");
    }
  });

  it("from a name that an agent chose, and from a kind that it made up", () => {
    const update = { [value]: 1, kind: value };
    expect(removal.from({ update })).toEqual({ update: { "[secret TOKEN]": 1, kind: "[secret TOKEN]" } });
  });
});

it("whose value is a word of SAM's own lists does not make the file unreadable", () => {
  const words = new SecretRemoval(new Map([["SILLY", "running"]]));
  const entry = { type: "vm_agent", after: { step: "running" }, text: "it is running" };
  expect(words.from(entry)).toEqual({ ...entry, text: "it is [secret SILLY]" });
});

it("that is too short to be told from innocent text is left alone, and without secrets nothing changes", () => {
  expect(new SecretRemoval(new Map([["SHORT", "abcde"]])).from({ text: "abcde" })).toEqual({ text: "abcde" });
  const document = { a: [1, null, true] };
  expect(new SecretRemoval(new Map()).from(document)).toBe(document);
});
