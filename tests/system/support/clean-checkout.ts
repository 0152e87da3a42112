/**
 * A clean checkout in a folder whose name has a space and letters that are not ASCII: every file of this repository, and
 * nothing that was installed or built. Its npm installs from this checkout's packages instead of the network.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { type CommandOptions, type Finisher, RunningCommand } from "./sam-command.ts";

const repository = fileURLToPath(new URL("../../..", import.meta.url)).replace(/\/$/, "");

export class CleanCheckout {
  readonly directory: string;
  /** Where SAM keeps its data unless it is told otherwise. */
  readonly dataDirectory: string;
  readonly #parent: string;

  /** @param test when it ends, the checkout is removed. */
  constructor(test: Finisher) {
    this.#parent = realpathSync(mkdtempSync(join(tmpdir(), "sam-newcomer-")));
    test.onTestFinished(async () => rmSync(this.#parent, { recursive: true, force: true, maxRetries: 3 }));
    this.directory = join(this.#parent, "Mein Prüfstand");
    this.dataDirectory = join(this.directory, ".sam");
    for (const name of repositoryFiles()) cpSync(join(repository, name), join(this.directory, name));
    this.#writeNpm();
  }

  /** What `npm start` and `npm run sam` run: `script` is `start` or `sam`. */
  start(test: Finisher, script: "start" | "sam", args: readonly string[], options: Partial<CommandOptions> = {}) {
    const environment = { npm_execpath: join(this.#parent, "npm-cli.mjs"), ...options.environment };
    const command = [process.execPath, `scripts/${script}.mjs`, ...args];
    return new RunningCommand(test, command, { ...options, directory: this.directory, environment });
  }

  /** A stand-in for `npm ci`: every package is a link to this checkout's, and SAM's own are those of this folder. */
  #writeNpm(): void {
    const script = `
import { copyFileSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
const from = ${JSON.stringify(join(repository, "node_modules"))};
if (process.argv[2] !== "ci") throw new Error("this npm only installs: " + process.argv.slice(2));
mkdirSync("node_modules/@sam", { recursive: true });
for (const name of readdirSync(from)) {
  if (name !== "@sam" && name !== ".cache" && !name.startsWith(".sam")) symlinkSync(from + "/" + name, "node_modules/" + name);
}
for (const folder of ["apps", "packages"]) {
  for (const name of readdirSync(folder)) symlinkSync("../../" + folder + "/" + name, "node_modules/@sam/" + name);
}
`;
    mkdirSync(this.#parent, { recursive: true });
    writeFileSync(join(this.#parent, "npm-cli.mjs"), script);
  }
}

/** @returns the paths that a clone would have, were everything committed. */
function repositoryFiles(): readonly string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const names = execFileSync("git", args, { cwd: repository, encoding: "utf8" }).split("\0");
  return [...new Set(names)].filter((name) => name !== "" && existsSync(join(repository, name)));
}
