/**
 * The shell of a block: `sh -e` for sh, `bash -e -o pipefail` for bash, so that a block ends at its first failing line.
 * No `-u`: commands that people paste read variables that may be unset.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { TAG_VARIABLE } from "./process-tree.ts";
import type { Block } from "./runbook.ts";

export interface BlockShell {
  readonly file: string;
  readonly arguments: readonly string[];
  /** True if the block asks for bash and this machine has none. */
  readonly isSubstitute: boolean;
}

/** The shell that runs `block`, with bash looked up in `path` (as in PATH). */
export function shellOf(block: Block, path: string | undefined): BlockShell {
  const bash = block.language === "bash" ? findExecutable("bash", path ?? "/usr/bin:/bin") : undefined;
  if (bash !== undefined) {
    return { file: bash, arguments: ["-e", "-o", "pipefail", "-c", block.script, "bash"], isSubstitute: false };
  }
  return { file: "/bin/sh", arguments: ["-e", "-c", block.script, "sh"], isSubstitute: block.language === "bash" };
}

/**
 * What a block sees of our environment: all but SAM's own variables, which name state and may hold tokens, plus the tag
 * by which its processes are found. The tag is added to the ones that are there, so that a runbook run by a block of
 * another runbook belongs to both.
 */
export function environmentOf(tag: string, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const inherited = Object.entries(environment).filter(([name]) => !name.startsWith("SAM_"));
  const tags = environment[TAG_VARIABLE] ? `${environment[TAG_VARIABLE]},${tag}` : tag;
  return { ...Object.fromEntries(inherited), [TAG_VARIABLE]: tags };
}

function findExecutable(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
