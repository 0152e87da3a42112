/**
 * Style that matters, one rule per lesson. A rule looks at one file and names the lines that break it; `example` is a
 * text that it must catch, so that a rule that has gone blind fails too.
 */

import { withoutComments } from "./imports.mjs";

/**
 * @typedef {object} Rule
 * @property {string} lesson why, as a sentence
 * @property {RegExp} files which paths it looks at
 * @property {(text: string, path: string) => number[]} find the lines, from 1, that break it
 * @property {{ path: string, text: string }} example what it must catch
 */

const SOURCE = /\.(ts|tsx|mts|mjs|js|sh|sql|css)$/;
const TESTS = /\.test\.(ts|tsx|mjs)$/;
const PRODUCT = /^(apps|packages)\/.*\/src\/(?!.*\.test\.).*\.tsx?$/;
const GENERATED = /(^|\/)(migrations|drizzle)\/|(^|\/)package-lock\.json$/;

/** Assembled from halves, so that this file doesn't break its own rules. @param {string[]} halves */
function word(...halves) {
  return halves.join("");
}

/** @param {string} text @param {RegExp} pattern with the flag `g` @returns {number[]} */
function linesOf(text, pattern) {
  return [...text.matchAll(pattern)].map((match) => text.slice(0, match.index).split("\n").length);
}

/** The text of a call, from its name to the bracket that closes it. @param {string} text @param {number} start */
function callAt(text, start) {
  let depth = 0;
  for (let index = start; index < text.length; index += 1) {
    if (text[index] === "(") depth += 1;
    if (text[index] === ")") depth -= 1;
    if (text[index] === ")" && depth === 0) return text.slice(start, index + 1);
  }
  return text.slice(start);
}

/** Calls of the global fetch, not methods of that name, to which no signal is given. @param {string} text */
function findRequestsWithoutDeadline(text) {
  const code = withoutComments(text);
  return [...code.matchAll(/(?<![.#\w]|function )fetch\(/g)]
    .filter(({ index }) => {
      const call = callAt(code, index);
      const isDefinition = /^\s*[:{]/.test(code.slice(index + call.length));
      return !isDefinition && !/\bsignal\b|\binit\b/.test(call);
    })
    .map(({ index }) => code.slice(0, index).split("\n").length);
}

/** @type {Rule[]} */
const rules = [
  {
    lesson:
      "What a file is about stands at its head: a comment in front of an import goes down with it when one is added.",
    files: /\.(ts|tsx|mjs)$/,
    find: (text) => linesOf(text, /(?<=^import [^;]*;\n)\/\*\*(?=(?:[^*]|\*(?!\/))*\*\/\nimport )/gms).slice(0, 1),
    example: {
      path: "apps/web/src/a.ts",
      text: 'import { b } from "./b.ts";\n/** A noun is this. */\nimport { c } from "./c.ts";\n',
    },
  },
  {
    lesson: "A file over 400 lines has a second noun in it: split it there.",
    files: SOURCE,
    find: (text) => (text.split("\n").length > 401 ? [401] : []),
    example: { path: "apps/sam/src/up.ts", text: "\n".repeat(401) },
  },
  {
    lesson: "What is left for later is an issue, not a comment that nobody reads.",
    files: /./,
    find: (text) =>
      linesOf(text, new RegExp(`\\b(${word("TO", "DO")}|${word("FIX", "ME")}|${word("XX", "X")})\\b`, "g")),
    example: { path: "docs/scale.md", text: `Measure it. ${word("TO", "DO")}` },
  },
  {
    lesson: "A test that runs alone hides all the others; one that is skipped proves nothing.",
    files: TESTS,
    find: (text) =>
      linesOf(
        text,
        /\b(?:describe|it|test|suite|bench)\.(?:only|skip|todo|fails)\b|\bx(?:it|describe)\(|\bf(?:it|describe)\(/g,
      ),
    example: { path: "apps/sam/src/up.test.ts", text: `it${word(".on", "ly")}("starts", () => {});` },
  },
  {
    lesson: "Flaky is failed: a repetition that turns red to green hides a race.",
    files: /\.test\.(ts|tsx|mjs)$|vitest\.config\.ts$/,
    find: (text) => linesOf(text, /\bretry\s*:\s*[1-9]/g),
    example: { path: "vitest.config.ts", text: `test: { ${word("ret", "ry")}: 2 }` },
  },
  {
    lesson:
      "A test that sleeps is slow where it passes and flaky where it doesn't: wait for the fact, with a deadline.",
    files: TESTS,
    find: (text) =>
      linesOf(
        text,
        /new Promise\b[^;]{0,60}=>\s*\{?\s*setTimeout\(|\bawait\s+(?:sleep|delay|setTimeout)\(|from "node:timers\/promises"/g,
      ),
    example: { path: "apps/sam/src/up.test.ts", text: `await ${word("sl", "eep")}(100);` },
  },
  {
    lesson: "Pooled sockets die silently: no request to the network without a deadline of its own.",
    files: PRODUCT,
    find: findRequestsWithoutDeadline,
    example: { path: "apps/vm-agent/src/hello.ts", text: "const answer = await fetch(url, { headers: {} });" },
  },
  {
    lesson: "A decision that reads a clock can be neither simulated nor replayed: time is an argument.",
    files: /^packages\/domain\/src\/(?!.*\.test\.)/,
    find: (text) => linesOf(text, /\bnew Date\(\s*\)/g),
    example: { path: "packages/domain/src/sweep.ts", text: `const now = new ${word("Da", "te")}();` },
  },
  {
    lesson: "A suppressed check without a reason is a bug with a comment: mend the code, or say why after ` -- `.",
    files: SOURCE,
    find: (text) =>
      linesOf(
        text,
        new RegExp(
          `(?:${word("eslint-", "disable")}|${word("oxlint-", "disable")})(?!.* -- \\S)|@ts-(?:ignore|nocheck)`,
          "g",
        ),
      ),
    example: { path: "apps/sam/src/up.ts", text: `// ${word("eslint-", "disable")}-next-line` },
  },
  {
    lesson: "Two workerds came with one loose range: every version is exact.",
    files: /(^|\/)package\.json$/,
    find: (text) =>
      linesOf(text, /^\s+"[^"]+": "(?:[~^<>=*]|latest|next|\d+(?:\.\d+)?"|[\d.]+ - ).*$/gm).filter(
        (line) => !/"node":/.test(text.split("\n")[line - 1] ?? ""),
      ),
    example: { path: "package.json", text: '  "hono": "^4.13.19"' },
  },
];

/** Every rule that applies to a file. @param {string} path */
export function rulesFor(path) {
  return GENERATED.test(path) ? [] : rules.filter((rule) => rule.files.test(path));
}

/** @param {string} path @param {string} text @returns {string[]} one line per breach: where, and why it matters */
export function breachesOf(path, text) {
  return rulesFor(path).flatMap((rule) => rule.find(text, path).map((line) => `${path}:${line} ${rule.lesson}`));
}

export const tidyRules = rules;
