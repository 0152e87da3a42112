/** The files of this checkout that belong to the project: what git tracks or would track. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

import { root } from "./node.mjs";

/** @returns {string[]} paths below the root, with slashes */
export function listFiles() {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const output = execFileSync("git", args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    timeout: 30_000,
  });
  return output.split("\0").filter((path) => path !== "" && existsSync(`${root}/${path}`));
}

/** @param {string} path below the root */
export function readText(path) {
  return readFileSync(`${root}/${path}`, "utf8");
}
