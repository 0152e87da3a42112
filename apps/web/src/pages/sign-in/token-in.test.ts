import { expect, it } from "vitest";

import { tokenIn } from "./token-in.ts";

it.each([
  ["#abc", "abc"],
  ["http://127.0.0.1:8787/sign-in#abc-_9", "abc-_9"],
  ["http://127.0.0.1:8787/sign-in# abc\n", "abc"],
  ["http://127.0.0.1:8787/sign-in#", null],
  ["http://127.0.0.1:8787/sign-in", null],
  ["abc", null],
  ["", null],
])("of %j", (link, token) => {
  expect(tokenIn(link)).toBe(token);
});
