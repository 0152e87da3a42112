/**
 * The secret scan looks through what a delivery would push, every line that the base does not have, commit by commit, and
 * the commits' own words. A key that is pushed is lost: it stands in the history even when the next commit takes it out.
 */
import { StringDecoder } from "node:string_decoder";

import { GitFailed, type GitRequest } from "../git/git-command.ts";
import type { CommandOutcome } from "../process/run-command.ts";
import { SecretMask, type Secret } from "../secret/secret-mask.ts";
import { vaultGit, type Vault } from "../workspace/vault.ts";

export interface FoundSecret {
  /** The file that holds it, or a commit's message. */
  readonly place: string;
  readonly name: string;
}

const maxFound = 20;
/** So much text is looked at together. */
const blockLength = 64 * 1024;

/** Where the scan looks: a git directory, and what of it the remote has already, as arguments of `git log --not`. */
export interface ScannedPlace {
  readonly git: (request: Pick<GitRequest, "args" | "onStdout">) => Promise<CommandOutcome>;
  readonly known: readonly string[];
}

/** The scan of what a delivery would push. */
export function placeOf(vault: Vault): ScannedPlace {
  return { git: (request) => vaultGit(vault, request), known: [vault.baseCommit, "--remotes"] };
}

/** @returns where which secret's value stands; the value itself is nowhere in it. @throws GitFailed */
export async function findSecrets(
  place: ScannedPlace,
  headCommit: string,
  secrets: readonly Secret[],
): Promise<FoundSecret[]> {
  const mask = new SecretMask(secrets);
  if (mask.isEmpty || headCommit === place.known[0]) return [];
  const scan = new PatchScan(mask);
  const form = ["--patch", "--cc", "--text", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color"];
  const outcome = await place.git({
    args: [
      ...["-c", "core.quotePath=false", "log", "--format=medium", "--unified=0", ...form],
      ...["--src-prefix=a/", "--dst-prefix=b/", headCommit, "--not", ...place.known, "--"],
    ],
    onStdout: (chunk) => scan.push(chunk),
  });
  if (outcome.exitCode !== 0) throw new GitFailed("git log", outcome);
  return scan.end();
}

const message = "a commit's message";
/** Of a merge each parent has a column of its own. */
const added = /^[ +]*\+/;

/** Reads the output of `git log --patch` line by line. */
export class PatchScan {
  readonly #mask: SecretMask;
  readonly #decoder = new StringDecoder("utf8");
  readonly #found = new Map<string, FoundSecret>();
  #line = "";
  #isInHunk = false;
  #place = message;
  #block = "";

  constructor(mask: SecretMask) {
    this.#mask = mask;
  }

  push(chunk: Buffer): void {
    const lines = (this.#line + this.#decoder.write(chunk)).split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) this.#take(line);
    // Of a line without end, such as a packed file's, the part that has come is looked at, and its end once more.
    if (last.length > 4 * blockLength) {
      this.#take(last);
      this.#line = (added.test(last) ? "+" : "-") + last.slice(last.length - this.#mask.longestForm);
    } else {
      this.#line = last;
    }
  }

  end(): FoundSecret[] {
    this.#take(this.#line);
    this.#look();
    return [...this.#found.values()].slice(0, maxFound);
  }

  #take(line: string): void {
    if (/^(?:commit|diff) /.test(line)) {
      this.#look();
      this.#isInHunk = false;
      if (line.startsWith("commit ")) this.#place = message;
    } else if (this.#isInHunk) {
      if (added.test(line)) this.#add(line.slice(1));
      return;
    } else if (line.startsWith("@@")) {
      this.#isInHunk = true;
      return;
    } else if (line.startsWith("+++ ")) {
      this.#look();
      this.#place = line.replace(/^\+\+\+ (?:"?b\/)?/, "").replace(/["\t]+$/, "");
    }
    this.#add(line);
  }

  #add(text: string): void {
    this.#block += `${text}\n`;
    if (this.#block.length > blockLength) this.#look();
  }

  #look(): void {
    for (const name of this.#mask.namesIn(this.#block)) {
      this.#found.set(`${this.#place}\0${name}`, { place: this.#place, name });
    }
    this.#block = "";
  }
}
