/** What `npm start`, `npm run sam` and `npm test` do before anything of SAM's own runs, with real processes. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createScratchCheckout, type ScratchCheckout } from "./testing/scratch-checkout.ts";

const SAM = "scripts/sam.mjs";
const BUNDLE = "apps/sam/dist/sam.mjs";

let checkout: ScratchCheckout;
afterEach(() => checkout.remove());

describe("with the packages installed", () => {
  beforeEach(() => {
    checkout = createScratchCheckout({ installed: true });
    checkout.write(
      "apps/sam/src/main.ts",
      'import { code } from "./code.ts";\nconsole.log(process.argv.slice(2));\nprocess.exit(code);\n',
    );
    checkout.write("apps/sam/src/code.ts", "export const code: number = 7;\n");
  });

  it("names the broken line, keeps the earlier bundle and fails when the sources do not build", async () => {
    await checkout.run([SAM]);
    const before = readFileSync(join(checkout.directory, BUNDLE), "utf8");
    checkout.write("apps/sam/src/code.ts", "export const code: number = ;\n");

    const ended = await checkout.run([SAM]);

    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("apps/sam/src/code.ts:1:28");
    expect(ended.stderr).toContain("Could not build sam");
    expect(readFileSync(join(checkout.directory, BUNDLE), "utf8")).toBe(before);
  });

  it("says that the checkout is incomplete when there is no sam in it", async () => {
    const other = createScratchCheckout({ installed: true });
    const ended = await other.run([SAM]);
    other.remove();
    expect(ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("checkout is incomplete") });
  });

  it("passes the arguments in and the exit code out", async () => {
    const ended = await checkout.run([SAM, "run", "--file", "a b"]);
    expect(ended).toMatchObject({ exitCode: 7, stdout: "[ 'run', '--file', 'a b' ]\n" });
  });

  it("builds what is stale, and only then", async () => {
    expect((await checkout.run([SAM])).stderr).toMatch(/^Built sam in \d+ ms\.\n$/);
    const builtMs = statSync(join(checkout.directory, BUNDLE)).mtimeMs;
    expect((await checkout.run([SAM])).stderr).toBe("");
    expect(statSync(join(checkout.directory, BUNDLE)).mtimeMs).toBe(builtMs);

    checkout.write("apps/sam/src/code.ts", "export const code: number = 70;\n");
    expect(await checkout.run([SAM])).toMatchObject({ exitCode: 70, stderr: expect.stringContaining("Built sam") });
  });

  it("builds once when several commands start at the same moment", async () => {
    const all = await Promise.all([1, 2, 3].map(() => checkout.run([SAM])));
    expect(all.map((ended) => ended.exitCode)).toEqual([7, 7, 7]);
    expect(all.filter((ended) => ended.stderr.includes("Built sam"))).toHaveLength(1);
  });
});

describe("without the packages", () => {
  beforeEach(() => {
    checkout = createScratchCheckout({ installed: false });
    checkout.write("apps/sam/src/main.ts", "process.exit(0);\n");
  });

  it("says what npm could not do, what was kept and what to try", async () => {
    checkout.write("npm-cli.js", 'process.stderr.write("npm error network timeout\\n"); process.exitCode = 1;\n');
    const ended = await checkout.run([SAM], { npm_execpath: join(checkout.directory, "npm-cli.js") });
    expect(ended).toMatchObject({ exitCode: 1, stdout: "" });
    expect(ended.stderr).toContain("npm error network timeout");
    expect(ended.stderr).toContain("sources were not touched");
    expect(ended.stderr).toContain("npm ping");
  });

  it("says that npm is missing", async () => {
    const ended = await checkout.run([SAM], { PATH: checkout.directory });
    expect(ended).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("there is no npm on the PATH") });
  });

  it("asks npm once when several commands start at the same moment", async () => {
    checkout.write(
      "npm-cli.js",
      `import { appendFileSync, copyFileSync, mkdirSync } from "node:fs";
       appendFileSync("calls", process.argv.slice(2).join(" ") + "\\n");
       mkdirSync("node_modules", { recursive: true });
       copyFileSync("package-lock.json", "node_modules/.package-lock.json");\n`,
    );
    const install = 'await (await import("./scripts/install.mjs")).ensureInstalled();';
    const env = { npm_execpath: join(checkout.directory, "npm-cli.js") };
    const all = await Promise.all([1, 2, 3].map(() => checkout.run(["--input-type=module", "-e", install], env)));

    expect(all.map((ended) => ended.exitCode)).toEqual([0, 0, 0]);
    expect(readFileSync(join(checkout.directory, "calls"), "utf8")).toMatch(/^ci [^\n]+\n$/);
    expect(existsSync(join(checkout.directory, "node_modules/.sam-installed"))).toBe(true);
  });
});

describe("right after the first installation, with sam as a child of the older Node", () => {
  const parent = 'await (await import("./scripts/launch.mjs")).runAsChild(process.execPath, ["child.mjs"]);';

  beforeEach(() => {
    checkout = createScratchCheckout({ installed: true });
    checkout.write(
      "child.mjs",
      `let interrupts = 0;
       process.on("SIGINT", () => console.log("interrupts: " + ++interrupts));
       process.on("SIGTERM", () => { console.log("terminated"); process.exit(43); });
       process.stdin.on("data", () => process.exit(interrupts));
       console.log("ready");\n`,
    );
  });

  it("hands Ctrl-C on exactly once, and the exit code and standard input through", async () => {
    const running = checkout.start(["--input-type=module", "-e", parent]);
    await running.untilPrinted("ready");
    process.kill(-(running.process.pid ?? 0), "SIGINT");
    await running.untilPrinted("interrupts: 1");
    running.process.stdin?.write("end\n");
    expect(await running.ended).toMatchObject({ exitCode: 1, stdout: "ready\ninterrupts: 1\n" });
  });

  it("passes a SIGTERM on and waits for the orderly end", async () => {
    const running = checkout.start(["--input-type=module", "-e", parent]);
    await running.untilPrinted("ready");
    running.process.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ exitCode: 43, stdout: "ready\nterminated\n" });
  });

  it("dies of the signal that its child died of", async () => {
    checkout.write("child.mjs", 'process.kill(process.pid, "SIGKILL");\n');
    const ended = await checkout.run(["--input-type=module", "-e", parent]);
    expect(ended).toMatchObject({ exitCode: null, signal: "SIGKILL" });
  });
});
