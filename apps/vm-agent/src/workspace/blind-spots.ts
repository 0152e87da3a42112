/**
 * Blind spots of an index are the files that git is told not to look at: a change of one would be checked, and neither
 * shown nor pushed. An agent may have told it so.
 */
import { lstatSync } from "node:fs";
import { join } from "node:path";

import { vaultGit, vaultText, type Vault } from "./vault.ts";

/** Takes the marks off the vault's index. One that can't be read is made anew by whoever reads it next. */
export async function lookEverywhere(vault: Vault): Promise<void> {
  const { exitCode, stdout } = await vaultGit(vault, { args: ["ls-files", "-v", "-z"] });
  if (exitCode !== 0) return;
  const marked = parseMarks(stdout);
  const unchanged = marked.filter(({ isAssumed }) => isAssumed);
  // What a sparse checkout left out is not there, and must not look removed.
  const skipped = marked.filter(({ isSkipped, path }) => isSkipped && isThere(vault, path));
  await takeOff(vault, "--no-assume-unchanged", unchanged);
  await takeOff(vault, "--no-skip-worktree", skipped);
}

interface Marked {
  /** As bytes of git's own form: nothing is known of their encoding. */
  readonly path: Buffer;
  readonly isAssumed: boolean;
  readonly isSkipped: boolean;
}

/** Entries are `<letter> <path>` and end with NUL: a small letter is assumed unchanged, an S is skipped. */
function parseMarks(bytes: Buffer): Marked[] {
  const marked: Marked[] = [];
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0, from);
    if (end === -1) break;
    const letter = bytes.toString("latin1", from, from + 1);
    const isAssumed = letter !== letter.toUpperCase();
    const isSkipped = letter.toUpperCase() === "S";
    if (isAssumed || isSkipped) marked.push({ path: bytes.subarray(from + 2, end), isAssumed, isSkipped });
    from = end + 1;
  }
  return marked;
}

function isThere({ workspace }: Vault, path: Buffer): boolean {
  const place = Buffer.concat([Buffer.from(join(workspace, "/")), path]);
  return lstatSync(place, { throwIfNoEntry: false }) !== undefined;
}

async function takeOff(vault: Vault, flag: string, marked: readonly Marked[]): Promise<void> {
  if (marked.length === 0) return;
  const nul = Buffer.from([0]);
  const input = Buffer.concat(marked.flatMap(({ path }) => [path, nul]));
  await vaultText(vault, { args: ["update-index", flag, "-z", "--stdin"], input });
}
