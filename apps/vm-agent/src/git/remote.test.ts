import { describe, expect, it } from "vitest";

import { isBranchName } from "./branch-name.ts";
import { redactUrls } from "./git-command.ts";
import { remoteOf, UnusableAddress } from "./remote.ts";

describe("an address", () => {
  it.each([
    ["/srv/repo.git", "path"],
    ["file:///srv/a%20b.git", "path"],
    ["https://example.org/x.git", "http"],
    ["http://user:word@example.org/x", "http"],
    ["ssh://git@example.org/x", "ssh"],
    ["git@example.org:x/y.git", "ssh"],
    ["example.org:x", "ssh"],
  ])("%s is of the kind %s", (url, kind) => {
    expect(remoteOf(url, null).kind).toBe(kind);
  });

  it.each([
    "",
    "relative/path",
    "../up",
    "ext::sh -c x",
    "fd::0",
    "-x:y",
    "--upload-pack=x",
    "ssh://-oProxyCommand=x/y",
    "git://example.org/x",
    "ftp://x/y",
    "host:-x",
  ])("%s is never handed to git", (url) => {
    expect(() => remoteOf(url, null)).toThrow(UnusableAddress);
  });

  it("of a path goes through the relay where there is one, whatever is in the path", () => {
    const relay = { socket: "/run/relay.sock" };
    const remote = remoteOf("/srv/a b/50%.git", relay);
    expect(remote).toMatchObject({
      kind: "relay",
      path: "/srv/a b/50%.git",
      address: "fd::3/git-relay",
      transports: ["fd"],
    });
    expect(remoteOf("file:///srv/a%20b.git", null)).toMatchObject({ path: "/srv/a b.git" });
  });
});

it("a branch name is one that git takes, and never an option or a path that leaves", () => {
  for (const name of ["main", "sam/fix-the-thing-abc123", "a/b/c", "ünï", "v1.0"])
    expect(isBranchName(name)).toBe(true);
  for (const name of [
    "",
    "-x",
    "a..b",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a.lock",
    "a b",
    "a~1",
    "a^",
    "a:b",
    "a?",
    "a*",
    "a[",
    "a\\b",
    "a\nb",
    "@",
    "a@{b",
    "a.",
  ]) {
    expect(isBranchName(name)).toBe(false);
  }
});

it("evidence shows no user and no password of a URL", () => {
  expect(redactUrls("fatal: https://user:hunter2@example.org/x: no; ssh://git@h/p")).toBe(
    "fatal: https://example.org/x: no; ssh://h/p",
  );
});
