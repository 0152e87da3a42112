import { describe, expect, it } from "vitest";

import { linkTarget } from "./link-target.ts";

describe("a link's target", () => {
  it.each([
    ["https://example.com/a?b#c", "https://example.com/a?b#c", "example.com"],
    ["HTTP://Example.com:8080", "http://example.com:8080/", "example.com:8080"],
    ["https://github.com@evil.example/x", "https://evil.example/x", "evil.example"],
    ["https://gіthub.com/", "https://xn--gthub-n2e.com/", "xn--gthub-n2e.com"],
    ["mailto:a@b.example", "mailto:a@b.example", "b.example"],
    ["https:/\t/example.com", null, null],
  ])("of %s is told with its host", (text, href, host) => {
    expect(linkTarget(text)).toEqual(href === null ? null : { href, host });
  });

  it.each([
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://x/y",
    "ws://example.com",
    "//evil.example/x",
    "/api/session",
    "../../secrets",
    "#seq-1",
    "src/main.ts",
    "streamdown:incomplete-link",
    "https://",
    "",
    7,
    undefined,
  ])("is none for %s", (text) => {
    expect(linkTarget(text)).toBeNull();
  });
});
