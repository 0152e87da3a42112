/** The person's own browser, where there is a screen that it can show itself on. */
import { spawn } from "node:child_process";
import { join } from "node:path";

import type { DataDirectory } from "../data-directory/data-directory.ts";
import { replaceFile } from "../data-directory/files.ts";

export function hasDisplay(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): boolean {
  if (platform === "darwin") return true;
  return (env["DISPLAY"] ?? "") !== "" || (env["WAYLAND_DISPLAY"] ?? "") !== "";
}

/**
 * Opens a page that leads to the URL. The URL itself is no argument of the browser: every user of this machine could read
 * it there, and be the first to use it.
 * @returns whether a browser could be started.
 */
export function openBrowser(directory: DataDirectory, url: string): Promise<boolean> {
  const page = join(directory.temporary, "sign-in.html");
  replaceFile(page, leadingTo(url), 0o600);
  const program = process.platform === "darwin" ? "open" : "xdg-open";
  return new Promise((resolve) => {
    const child = spawn(program, [page], { detached: true, stdio: "ignore" });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}

/** @param url of our own making; it is quoted all the same. */
function leadingTo(url: string): string {
  const quoted = url.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${quoted}">
<title>SAM</title>
<a href="${quoted}">Sign in to SAM</a>
`;
}
