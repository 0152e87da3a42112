/** Real repositories for tests, in a folder of the test. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const env = {
  PATH: process.env["PATH"] ?? "",
  HOME: "/nonexistent",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "A. Person",
  GIT_AUTHOR_EMAIL: "person@example.org",
  GIT_COMMITTER_NAME: "A. Person",
  GIT_COMMITTER_EMAIL: "person@example.org",
};

export function gitIn(folder: string, ...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: folder, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/** Makes a bare repository with one commit on `main`. @returns its path. */
export function makeRepository(
  folder: string,
  files: Readonly<Record<string, string>> = { "README.md": "# A repository\n" },
): string {
  const bare = join(folder, "origin.git");
  makeEmptyRepository(folder);
  const source = join(folder, "source");
  mkdirSync(source, { recursive: true });
  gitIn(source, "init", "--quiet", "--initial-branch=main");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(source, name, ".."), { recursive: true });
    writeFileSync(join(source, name), content);
  }
  gitIn(source, "add", "--all");
  gitIn(source, "commit", "--quiet", "--message=The beginning");
  gitIn(source, "push", "--quiet", bare, "main:main");
  return bare;
}

export function makeEmptyRepository(folder: string): string {
  const bare = join(folder, "origin.git");
  mkdirSync(bare, { recursive: true });
  gitIn(bare, "init", "--quiet", "--bare", "--initial-branch=main");
  return bare;
}

/** Adds a commit to `main` from elsewhere. @returns the commit. */
export function commitElsewhere(folder: string, name: string, content: string): string {
  const source = join(folder, "source");
  writeFileSync(join(source, name), content);
  gitIn(source, "add", "--all");
  gitIn(source, "commit", "--quiet", `--message=Add ${name}`);
  gitIn(source, "push", "--quiet", join(folder, "origin.git"), "main:main");
  return gitIn(source, "rev-parse", "HEAD");
}

/** Installs a hook of the server's side. */
export function installHook(bare: string, name: string, script: string): void {
  const path = join(bare, "hooks", name);
  mkdirSync(join(bare, "hooks"), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
}
