/** Real git repositories, made and read with git itself. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);
const timeoutMs = 30_000;

/** Nothing of this machine's own configuration has a part in it. */
const environment = {
  PATH: process.env["PATH"],
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.invalid",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.invalid",
};

/** @returns what git printed, trimmed. Rejects with git's words. */
export async function git(directory: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await execute("git", ["-C", directory, ...args], { env: environment, timeout: timeoutMs });
  return stdout.trim();
}

/** A bare repository that records every change of a ref in its reflog. */
export class Repository {
  /** Absolute path. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes a bare repository with one commit of `files` on `main`. */
  static async create(
    path: string,
    files: Readonly<Record<string, string>> = { "README.md": "# A project\n" },
  ): Promise<Repository> {
    mkdirSync(path, { recursive: true });
    await git(path, "init", "--bare", "--quiet", "--initial-branch=main");
    await git(path, "config", "core.logAllRefUpdates", "always");
    await git(path, "config", "http.receivepack", "true");
    const seed = mkdtempSync(`${path}.seed-`);
    try {
      await git(seed, "init", "--quiet", "--initial-branch=main");
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(seed, name)), { recursive: true });
        writeFileSync(join(seed, name), text);
      }
      await git(seed, "add", "--all");
      await git(seed, "commit", "--quiet", "--message", "First");
      await git(seed, "push", "--quiet", path, "main");
    } finally {
      rmSync(seed, { recursive: true, force: true });
    }
    return new Repository(path);
  }

  /** @returns the branches besides `main`. */
  async branches(): Promise<readonly string[]> {
    const names = await git(this.path, "for-each-ref", "--format=%(refname:short)", "refs/heads");
    return names.split("\n").filter((name) => name !== "" && name !== "main");
  }

  head(branch: string): Promise<string> {
    return git(this.path, "rev-parse", `refs/heads/${branch}`);
  }

  /** Moves a branch, or makes it. */
  async move(branch: string, to: string): Promise<void> {
    await git(this.path, "update-ref", `refs/heads/${branch}`, await git(this.path, "rev-parse", to));
  }

  /** @returns an empty commit on top of a branch that is not moved. */
  commitOn(branch: string): Promise<string> {
    return git(this.path, "commit-tree", "-p", branch, "-m", "Another", `${branch}^{tree}`);
  }

  /** @returns how often the branch was moved, by the repository's own log. */
  pushes(branch: string): number {
    return readFileSync(join(this.path, "logs/refs/heads", branch), "utf8")
      .trim()
      .split("\n").length;
  }

  /** @returns the text of a file of a branch. */
  read(branch: string, file: string): Promise<string> {
    return git(this.path, "show", `refs/heads/${branch}:${file}`);
  }

  /** @returns the files that the branch changed against `main`. */
  async changed(branch: string): Promise<readonly string[]> {
    const names = await git(this.path, "diff", "--name-only", "main", `refs/heads/${branch}`);
    return names.split("\n").filter((name) => name !== "");
  }
}
