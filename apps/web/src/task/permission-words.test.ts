import { describe, expect, it } from "vitest";

import { answerWord, optionWords, orderedOptions, saysNothingMore } from "./permission-words.ts";

const option = (kind: string, name: string) => ({ optionId: `${kind} ${name}`, kind, name });

describe("an answer", () => {
  it.each([
    ["allow_once", "Allow", "Allow once", null],
    ["allow_always", "Always Allow", "Allow always", null],
    ["reject_once", "No", "Refuse", null],
    ["allow_always", "Yes, and don't ask again for ls", "Allow always", "Yes, and don't ask again for ls"],
    ["allow_once", "Run \u202eti etucexe", "Allow once", "Run ti etucexe"],
    ["of_tomorrow", "Perhaps", "of_tomorrow", "Perhaps"],
  ])(
    "of the kind %s, called %s, is said by its kind, and by its name where that says more",
    (kind, name, word, more) => {
      expect(optionWords(option(kind, name))).toEqual({ word, name: more });
    },
  );

  it("stands with the others in one order, whatever the agent's", () => {
    const kinds = ["reject_always", "of_tomorrow", "allow_always", "reject_once", "allow_once"];
    expect(orderedOptions(kinds.map((kind) => option(kind, ""))).map(({ kind }) => kind)).toEqual([
      "allow_once",
      "allow_always",
      "reject_once",
      "reject_always",
      "of_tomorrow",
    ]);
  });

  it("that was given is told by its word, and by whom", () => {
    const options = [option("allow_once", "Allow")];
    expect(answerWord(options, "allow_once Allow")).toBe("Allow once");
    expect(answerWord([], "gone")).toBe("gone");
    expect(answerWord(options, null)).toBe("none of the answers");
  });
});

it.each([
  [null, true],
  ["  \n", true],
  ["echo hi", true],
  ["echo hi\n", true],
  ["echo\nhi", false],
  ["echo  hi", false],
])("a detail %j beside the title that reads alike", (detail, isNothing) => {
  expect(saysNothingMore({ title: "echo hi", detail })).toBe(isNothing);
});
