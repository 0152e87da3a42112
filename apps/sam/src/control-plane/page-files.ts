/**
 * The files of the page, handed to the Worker by this process as a deployment's assets are by the platform. What to serve
 * for which path, and with which headers, is the Worker's to say.
 */
import { readFile, realpath, stat } from "node:fs/promises";
import { extname, join, sep } from "node:path";

import type { Request as WorkerRequest, Response as WorkerResponse } from "miniflare";

import { errorCode } from "../data-directory/files.ts";

const entry = "/index.html";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/** Names of letters, digits and a few signs; none that begins with a dot, so neither `..` nor what is hidden. */
const pathPattern = /^(?:\/[\w@~+-][\w@~+.-]*)+$/;

const notBuilt = `<!doctype html>
<meta charset="utf-8">
<title>SAM</title>
<p>SAM runs, but its page is not built. Run <code>npm run build</code> and load this again.</p>
`;

/**
 * @param folder the page's build; it may be missing, or be built anew at any time.
 * @param Reply Miniflare's class of responses.
 */
export function pageFiles(folder: string, Reply: typeof WorkerResponse) {
  return async (request: WorkerRequest): Promise<WorkerResponse> => {
    const { pathname } = new URL(request.url);
    const path = await fileAt(folder, pathname);
    if (path === null) {
      if (pathname !== entry) return new Reply("there is no such file", { status: 404 });
      return new Reply(notBuilt, { status: 503, headers: { "content-type": "text/html; charset=utf-8" } });
    }
    const { mtimeMs, size } = await stat(path);
    const etag = `"${Math.floor(mtimeMs)}-${size}"`;
    if (request.headers.get("if-none-match") === etag) return new Reply(null, { status: 304, headers: { etag } });
    const headers = { "content-type": types[extname(path)] ?? "application/octet-stream", etag };
    return new Reply(request.method === "HEAD" ? null : await readFile(path), { headers });
  };
}

/** @returns the file's real path, where it is one and lies in the folder; else null. */
async function fileAt(folder: string, pathname: string): Promise<string | null> {
  if (!pathPattern.test(pathname)) return null;
  try {
    const path = await realpath(join(folder, pathname));
    if (!path.startsWith(`${await realpath(folder)}${sep}`)) return null;
    return (await stat(path)).isFile() ? path : null;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP"].includes(errorCode(error) ?? "")) return null;
    throw error;
  }
}
