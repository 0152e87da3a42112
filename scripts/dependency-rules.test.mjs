import { describe, expect, it } from "vitest";

import { checkDependencies, findCycles } from "./dependency-rules.mjs";

const manifests = {
  ".": { devDependencies: { vitest: "1.0.0" } },
  "packages/domain": {},
  "packages/protocol": { dependencies: { "@sam/domain": "0.1.0", zod: "1.0.0" } },
  "packages/providers": { dependencies: { "@sam/domain": "0.1.0" } },
  "apps/control": { dependencies: { "@sam/domain": "0.1.0", "@sam/protocol": "0.1.0", "@sam/providers": "0.1.0" } },
  "apps/sam": { dependencies: { "@sam/domain": "0.1.0", "@sam/protocol": "0.1.0", "@sam/providers": "0.1.0" } },
};

/** @param {Record<string, string>} sources @returns {string[]} */
function problemsOf(sources) {
  const files = Object.entries(sources).map(([path, source]) => ({ path, source }));
  return checkDependencies(files, manifests).map(({ path, line, problem }) => `${path}:${line} ${problem}`);
}

describe("checkDependencies refuses", () => {
  /** @type {[what: string, path: string, source: string, problem: string][]} */
  const refused = [
    [
      "an import against the direction",
      "packages/domain/src/a.ts",
      'import { x } from "@sam/protocol/b";',
      "must not import @sam/protocol",
    ],
    [
      "a type import against it",
      "packages/domain/src/a.ts",
      'import type { X } from "@sam/protocol/b";',
      "must not import @sam/protocol",
    ],
    [
      "a type in an expression",
      "packages/domain/src/a.ts",
      'const x: import("@sam/protocol/b").X = y;',
      "must not import @sam/protocol",
    ],
    [
      "providers outside control",
      "apps/sam/src/a.ts",
      'import { x } from "@sam/providers/local";',
      "only control imports providers",
    ],
    ["an app", "apps/sam/src/a.ts", 'import { x } from "@sam/control/worker";', "nothing imports an app"],
    [
      "an app, even from a test",
      "apps/sam/src/a.test.ts",
      'import { x } from "@sam/control/worker";',
      "nothing imports an app",
    ],
    [
      "a relative path into another workspace",
      "apps/sam/src/a.ts",
      'import { x } from "../../../packages/domain/src/a.ts";',
      "leaves apps/sam",
    ],
    [
      "a package's file, even from the simulator",
      "packages/sim/src/a.ts",
      'import { x } from "../../domain/src/a.ts";',
      "leaves packages/sim",
    ],
    [
      "a path into a package",
      "apps/sam/src/a.ts",
      'import { x } from "@sam/domain/src/a";',
      "reaches into @sam/domain",
    ],
    ["a package as a whole", "apps/sam/src/a.ts", 'import { x } from "@sam/domain";', "name an entry"],
    [
      "a package that isn't declared",
      "packages/domain/src/a.ts",
      'import { z } from "zod";',
      "is not in the dependencies of packages/domain",
    ],
    [
      "a development tool in a product",
      "packages/domain/src/a.ts",
      'import { it } from "vitest";',
      "is not in the dependencies",
    ],
    [
      "an import without its extension",
      "packages/domain/src/a.ts",
      'import { x } from "./b";',
      "without its extension",
    ],
    ["a barrel by name", "packages/domain/src/index.ts", "", "is a barrel"],
    ["a barrel by content", "packages/domain/src/a.ts", 'export * from "./b.ts";', "no barrels"],
    ["a name exported again", "packages/domain/src/a.ts", 'export {\n  x,\n} from "./b.ts";', "no barrels"],
    ["a workspace that nobody placed", "apps/stray/src/a.ts", "", "has no line in"],
  ];
  it.each(refused)("%s", (_what, path, source, problem) => {
    expect(problemsOf({ [path]: source })).toEqual([expect.stringContaining(problem)]);
  });

  it("a cycle of files", () => {
    const problems = problemsOf({
      "packages/domain/src/a.ts": 'import { b } from "./b.ts";',
      "packages/domain/src/b.ts": 'import { type C, c } from "./c.ts";',
      "packages/domain/src/c.ts": 'import { a } from "./a.ts";',
    });
    expect(problems).toEqual([expect.stringMatching(/a\.ts -> .*b\.ts -> .*c\.ts -> .*a\.ts/)]);
  });

  it("and names the line", () => {
    const source = '// import { x } from "@sam/protocol/b";\n\nimport { y } from "@sam/protocol/b";\n';
    expect(problemsOf({ "packages/domain/src/a.ts": source })).toEqual([
      expect.stringMatching(/^packages\/domain\/src\/a\.ts:3 /),
    ]);
  });
});

describe("checkDependencies accepts", () => {
  /** @type {[what: string, path: string, source: string][]} */
  const accepted = [
    [
      "the direction",
      "apps/control/src/a.ts",
      'import { x } from "@sam/providers/local";\nimport { y } from "@sam/domain/task/step";',
    ],
    ["a neighbour", "packages/domain/src/task/a.ts", 'import { x } from "../b.ts";'],
    ["the platform", "apps/sam/src/a.ts", 'import { spawn } from "node:child_process";'],
    [
      "any package of ours in a test",
      "apps/sam/src/a.test.ts",
      'import { x } from "@sam/providers/contract";\nimport { it } from "vitest";',
    ],
    [
      "an app's files in a system test",
      "tests/system/a.test.ts",
      'import { x } from "../../apps/sam/src/data-directory.ts";',
    ],
    [
      "an app's files in the simulator",
      "packages/sim/src/world.ts",
      'import { x } from "../../../apps/control/src/sweep/sweep.ts";',
    ],
    [
      "an import that is only mentioned",
      "packages/domain/src/a.ts",
      '/* import { x } from "@sam/protocol/b"; */\nconst s = `\nimport x from "y"`;',
    ],
    ["an export of its own", "packages/domain/src/a.ts", 'export const from = "x";\nexport { from as start };'],
  ];
  it.each(accepted)("%s", (_what, path, source) => {
    expect(problemsOf({ [path]: source })).toEqual([]);
  });

  it("two files that know each other's types", () => {
    const problems = problemsOf({
      "packages/domain/src/a.ts": 'import type { B } from "./b.ts";',
      "packages/domain/src/b.ts": 'import { a } from "./a.ts";',
    });
    expect(problems).toEqual([]);
  });
});

describe("findCycles", () => {
  it("finds none where two paths lead to one file", () => {
    expect(
      findCycles(
        new Map([
          ["a", ["b", "c"]],
          ["b", ["d"]],
          ["c", ["d"]],
          ["d", []],
        ]),
      ),
    ).toEqual([]);
  });

  it("finds a file that imports itself", () => {
    expect(findCycles(new Map([["a", ["a"]]]))).toEqual([["a", "a"]]);
  });
});
