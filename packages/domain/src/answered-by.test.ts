import { expect, it } from "vitest";

import { answeredBy } from "./answered-by.ts";

it.each([
  ["policy:allow_edits", "by the policy “allow edits”"],
  ["policy:\u202eask\n", "by the policy “ask”"],
  ["agent", "by the agent, which took it back"],
  ["sam", "by SAM, since nobody could answer any more"],
  ["user_01JAAAAAAAAAAAAAAAAAAAAA01", "by you"],
])("%s answered: %s", (by, words) => {
  expect(answeredBy(by)).toBe(words);
});
