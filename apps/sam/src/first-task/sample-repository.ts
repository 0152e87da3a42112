/** The sample: a real bare repository with a small project, made on the first start for the first task to work on. */
import { execFile } from "node:child_process";
import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { CommandError } from "../exit-code.ts";

const gitTimeoutMs = 30_000;
const author = "SAM <sam@localhost>";
/** A fixed instant, so that the sample's commits are the same everywhere. */
const firstCommitAt = 1_767_225_600;

const readme = `# Greetings

A small project that says hello in several languages.

    sh greet.sh en

\`languages.txt\` lists the languages; \`sh test.sh\` checks that each of them has a greeting.
`;

const greetings: Readonly<Record<string, string>> = { en: "Hello", de: "Guten Tag", es: "Buenos días" };

function greetScript(languages: readonly string[]): string {
  const cases = languages.map((language) => `  ${language}) echo "${greetings[language] ?? ""}" ;;`).join("\n");
  return `#!/bin/sh
# Prints a greeting in the language that is asked for.
case "\${1:-en}" in
${cases}
  *)
    echo "no greeting for $1" >&2
    exit 1
    ;;
esac
`;
}

const testScript = `#!/bin/sh
# Every language that is listed must have a greeting.
failed=0
while read -r language; do
  if greeting=$(sh greet.sh "$language"); then
    echo "ok    $language: $greeting"
  else
    echo "FAIL  $language"
    failed=1
  fi
done <languages.txt
exit $failed
`;

interface Commit {
  readonly message: string;
  readonly files: Readonly<Record<string, string>>;
}

const commits: readonly Commit[] = [
  {
    message: "Say hello in English",
    files: { "README.md": readme, "greet.sh": greetScript(["en"]), "languages.txt": "en\n" },
  },
  { message: "Check that every listed language has a greeting", files: { "test.sh": testScript } },
  {
    message: "Say hello in German and Spanish",
    files: { "greet.sh": greetScript(["en", "de", "es"]), "languages.txt": "en\nde\nes\n" },
  },
];

/** Makes the sample where it is missing. @returns its path. */
export async function ensureSampleRepository(directory: DataDirectory): Promise<string> {
  const path = directory.sampleRepository;
  if (existsSync(join(path, "HEAD"))) return path;
  const draft = `${path}.new`;
  rmSync(draft, { recursive: true, force: true });
  await git(["init", "--quiet", "--bare", "--initial-branch=main", draft], "");
  await git(["-C", draft, "fast-import", "--quiet"], fastImport());
  renameSync(draft, path);
  return path;
}

/** The commits in the words of \`git fast-import\`. */
function fastImport(): string {
  return commits
    .map(({ message, files }, index) => {
      const contents = Object.entries(files).map(([name, text]) => {
        const mode = name.endsWith(".sh") ? "100755" : "100644";
        return `M ${mode} inline ${name}\n${data(text)}`;
      });
      return `commit refs/heads/main\ncommitter ${author} ${firstCommitAt + index * 3600} +0000\n${data(message)}${contents.join("")}`;
    })
    .join("");
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

function git(args: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = execFile("git", args, { timeout: gitTimeoutMs }, (error, _stdout, stderr) => {
      if (error === null) return resolve();
      const why = error.code === "ENOENT" ? "there is no git on the PATH; install it" : stderr.trim() || error.message;
      reject(new CommandError(`The sample repository could not be made: ${why}.`, undefined, { cause: error }));
    });
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
