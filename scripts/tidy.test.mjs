import { describe, expect, it } from "vitest";

import { listFiles, readText } from "./repository-files.mjs";
import { breachesOf, tidyRules } from "./tidy-rules.mjs";

const TEXT = /\.(ts|tsx|mts|mjs|js|json|jsonc|sh|sql|css|md|html|ya?ml)$|(^|\/)run$/;

describe("a rule has not gone blind", () => {
  it.each(tidyRules.map((rule) => [rule.lesson, rule]))("%s", (_lesson, rule) => {
    expect(rule.files.test(rule.example.path)).toBe(true);
    expect(rule.find(rule.example.text, rule.example.path)).not.toEqual([]);
  });
});

describe("this repository", () => {
  it("keeps every rule", () => {
    const files = listFiles().filter((path) => TEXT.test(path));
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((path) => breachesOf(path, readText(path)))).toEqual([]);
  });
});

describe("no rule cries wolf", () => {
  /** @type {[what: string, path: string, text: string][]} */
  const fine = [
    ["a request with a deadline", "apps/sam/src/a.ts", "await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });"],
    [
      "a handler that is called fetch",
      "apps/control/src/worker.ts",
      "export default { fetch(request: Request) { return app; } };",
    ],
    [
      "a handler with a type",
      "apps/control/src/worker.ts",
      "async fetch(request: Request): Promise<Response> { return app; }",
    ],
    ["a Worker in a text", "apps/sam/src/door.ts", "const source = `export default { x: fetch(request) }`;"],
    [
      "a suppression with its reason",
      "apps/sam/src/a.ts",
      `// ${"oxlint-"}disable-next-line no-x -- the platform says so`,
    ],
    ["a Durable Object's stub", "apps/control/src/a.ts", "await stub.fetch(request);"],
    ["a time that was given", "packages/domain/src/a.ts", "new Date(nowMs).toISOString()"],
    ["a range of engines", "package.json", '  "node": ">=20"'],
    ["an exact version", "package.json", '  "miniflare": "5.20261023.2-beta"'],
    ["a method called skip", "apps/sam/src/a.test.ts", "stream.skip(3); plan.only(x);"],
  ];
  it.each(fine)("%s", (_what, path, text) => {
    expect(breachesOf(path, text)).toEqual([]);
  });
});
