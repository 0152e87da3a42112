import { execFile } from "node:child_process";

/** @returns the files below a folder that hold the text, whatever else they hold. */
export function filesWith(text: string, folder: string): Promise<readonly string[]> {
  const args = [
    "--recursive",
    "--files-with-matches",
    "--text",
    "--fixed-strings",
    "--no-messages",
    "-e",
    text,
    folder,
  ];
  return new Promise((resolve, reject) => {
    execFile("grep", args, { timeout: 60_000, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      // 1: there is none; 2: there may be some, and one that went away while it was looked at.
      if (error === null || error.code === 1 || error.code === 2)
        resolve(stdout.split("\n").filter((line) => line !== ""));
      else reject(new Error(error.message, { cause: error }));
    });
  });
}
