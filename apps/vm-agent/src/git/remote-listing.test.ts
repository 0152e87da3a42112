import { expect, it } from "vitest";

import { parseListing } from "./remote-listing.ts";

const one = "1".repeat(40);
const two = "2".repeat(64);

it("takes branches, tags and the default branch, and nothing else", () => {
  const listing = parseListing(
    [
      "ref: refs/heads/main\tHEAD",
      `${one}\tHEAD`,
      `${one}\trefs/heads/main`,
      `${two}\trefs/heads/a/b`,
      `${one}\trefs/tags/v1`,
      `${two}\trefs/tags/v1^{}`,
      `${one}\trefs/pull/1/refs/heads/x`,
      "nonsense",
      "",
    ].join("\n"),
  );
  expect(listing.defaultBranch).toBe("main");
  expect(listing.headCommit).toBe(one);
  expect([...listing.refs]).toEqual([
    ["refs/heads/main", one],
    ["refs/heads/a/b", two],
    ["refs/tags/v1", one],
  ]);
});

it("has no default branch where HEAD names one that isn't there", () => {
  expect(parseListing(`ref: refs/heads/gone\tHEAD\n${one}\trefs/heads/main\n`).defaultBranch).toBeNull();
  expect(parseListing("").refs.size).toBe(0);
});
