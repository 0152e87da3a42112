/** Repositories of a known size, made in one stream of `git fast-import`. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns the path of a bare repository with so many files of about 2 KB, and so many commits on `main`. */
export function makeRepository(files: number, commits: number): string {
  const path = join(mkdtempSync(join(tmpdir(), "sam-bench-repository-")), "project.git");
  run("git", ["init", "--quiet", "--bare", "--initial-branch=main", path]);
  const stream: string[] = [];
  for (let commit = 0; commit < commits; commit += 1) {
    const message = `commit ${commit}`;
    stream.push("commit refs/heads/main", `committer Bench <bench@localhost> ${1_700_000_000 + commit} +0000`);
    stream.push(`data ${message.length}`, message);
    if (commit === 0) for (let file = 0; file < files; file += 1) stream.push(...fileAt(file, 0));
    else stream.push(...fileAt(commit % files, commit));
  }
  run("git", ["-C", path, "fast-import", "--quiet"], `${stream.join("\n")}\n`);
  run("git", ["-C", path, "repack", "-a", "-d", "--quiet"]);
  return path;
}

function fileAt(file: number, version: number): string[] {
  const lines = Array.from(
    { length: 40 },
    (_line, line) => `${file} ${version} ${line} ${(file * 31 + line * 17) % 9973} lorem ipsum dolor`,
  );
  const content = lines.join("\n");
  return [`M 100644 inline src/m${file % 50}/f${file}.txt`, `data ${Buffer.byteLength(content)}`, content];
}

function run(program: string, args: string[], input?: string): void {
  const ended = spawnSync(program, args, {
    encoding: "utf8",
    ...(input === undefined ? {} : { input }),
    timeout: 120_000,
  });
  if (ended.status !== 0) throw new Error(`${program} ${args.join(" ")}: ${ended.stderr}`);
}
