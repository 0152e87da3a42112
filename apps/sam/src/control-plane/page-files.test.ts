import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Request, Response } from "miniflare";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { pageFiles } from "./page-files.ts";

let root = "";
let folder = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "sam-page-"));
  folder = join(root, "dist");
  mkdirSync(join(folder, "assets"), { recursive: true });
  mkdirSync(join(folder, ".next"));
  mkdirSync(join(root, "dist-other"));
  writeFileSync(join(folder, "index.html"), "<title>SAM</title>");
  writeFileSync(join(folder, "assets", "main-Ab12.js"), "export {};");
  writeFileSync(join(folder, "assets", "odd.bin"), "?");
  writeFileSync(join(folder, ".next", "index.html"), "half built");
  writeFileSync(join(root, "token"), "secret");
  writeFileSync(join(root, "dist-other", "file.txt"), "secret");
  symlinkSync(join(root, "token"), join(folder, "assets", "link.js"));
  symlinkSync(join(root, "dist-other"), join(folder, "other"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function get(path: string, init: { method?: string; headers?: Record<string, string> } = {}): Promise<Response> {
  return pageFiles(folder, Response)(new Request(`http://127.0.0.1${path}`, init));
}

describe("what is not the page's", () => {
  it.each([
    "/",
    "/assets",
    "/assets/",
    "/missing.js",
    "/index.html/x",
    "/../token",
    "/assets/../../token",
    "/assets/..%2f..%2ftoken",
    "/%2e%2e/token",
    "/assets/%2e%2e/%2e%2e/token",
    "/..\\token",
    "/assets/link.js",
    "/other/file.txt",
    "/.next/index.html",
    "/assets//main-Ab12.js",
    "/assets/main-Ab12.js%00.html",
    `/${"x".repeat(300)}`,
  ])("%s: 404, whatever lies there", async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toMatch(/secret|half built/);
  });
});

describe("the page's files", () => {
  it("come with their type, and 304 to who has them already", async () => {
    const entry = await get("/index.html");
    expect(entry.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await entry.text()).toBe("<title>SAM</title>");
    const script = await get("/assets/main-Ab12.js");
    expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect((await get("/assets/odd.bin")).headers.get("content-type")).toBe("application/octet-stream");
    const etag = script.headers.get("etag") ?? "";
    const known = await get("/assets/main-Ab12.js", { headers: { "if-none-match": etag } });
    expect(known.status).toBe(304);
    const head = await get("/assets/main-Ab12.js", { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("are those of the present build", async () => {
    writeFileSync(join(folder, "index.html"), "<title>SAM, built anew</title>");
    expect(await (await get("/index.html")).text()).toContain("built anew");
  });

  it("where none is built, its entry says how to build it", async () => {
    rmSync(folder, { recursive: true });
    const entry = await get("/index.html");
    expect(entry.status).toBe(503);
    expect(await entry.text()).toContain("npm run build");
    expect((await get("/assets/main-Ab12.js")).status).toBe(404);
  });
});
