import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { isId } from "@sam/domain/ids";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { UsageError } from "../exit-code.ts";
import { type DataDirectory, locateDataDirectory, openDataDirectory } from "./data-directory.ts";
import { replaceFile } from "./files.ts";
import { loadInstallation } from "./installation.ts";
import { ownStartTicks, readRunRecord, writeRunRecord } from "./run-record.ts";
import { loadSettingOverrides, parseOverrides } from "./setting-overrides.ts";

let root = "";
let directory: DataDirectory;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "sam-data-")));
  directory = locateDataDirectory(join(root, "data"), {});
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe("a data directory", () => {
  it("is refused where its path leads through a file, saying what to do", () => {
    writeFileSync(join(root, "file"), "");
    for (const path of [join(root, "file"), join(root, "file/below")]) {
      expect(() => openDataDirectory(locateDataDirectory(path, {}))).toThrow(UsageError);
      expect(() => openDataDirectory(locateDataDirectory(path, {}))).toThrow(
        /is a file.*--data-dir.*Nothing was started/,
      );
    }
  });

  it("is refused where the path is empty", () => {
    expect(() => locateDataDirectory(undefined, { SAM_DATA_DIR: "" })).toThrow(UsageError);
  });

  it("is the option's, then the variable's, then the checkout's; relative to where the person stands", () => {
    const env = { INIT_CWD: "/home/me", SAM_DATA_DIR: "from-variable" };
    expect(locateDataDirectory("from-option", env).path).toBe("/home/me/from-option");
    expect(locateDataDirectory(undefined, env).path).toBe("/home/me/from-variable");
    expect(locateDataDirectory(undefined, {}).path).toMatch(/\/\.sam$/);
  });

  it("is for its owner alone", () => {
    openDataDirectory(directory);
    expect(statSync(directory.path).mode & 0o777).toBe(0o700);
  });
});

describe("a small file", () => {
  it("is replaced in one step with its permissions, and leaves no draft behind where that fails", () => {
    const path = join(root, "secret");
    replaceFile(path, "one", 0o600);
    replaceFile(path, "two", 0o600);
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(statSync(path).mode & 0o777).toBe(0o600);
    mkdirSync(join(root, "taken/by-a-folder"), { recursive: true });
    expect(() => replaceFile(join(root, "taken"), "x")).toThrow(/./);
    expect(existsSync(join(root, "taken/by-a-folder"))).toBe(true);
  });
});

describe("an installation", () => {
  beforeEach(() => {
    openDataDirectory(directory);
  });

  it("is drawn once", () => {
    const drawn = loadInstallation(directory, 1);
    expect(loadInstallation(directory, 2)).toEqual(drawn);
    expect(isId("user", drawn.ownerId)).toBe(true);
  });

  it("is never replaced where its file is broken: machines carry its tag", () => {
    writeFileSync(directory.installation, '{"installationId":"');
    expect(() => loadInstallation(directory, 1)).toThrow(/was kept as it is/);
    expect(readFileSync(directory.installation, "utf8")).toBe('{"installationId":"');
  });
});

describe("a run record", () => {
  const record = {
    startTicks: ownStartTicks(),
    port: 8787,
    url: "http://127.0.0.1:8787",
    startedAt: 1,
    version: "0.1.0",
  };

  beforeEach(() => {
    openDataDirectory(directory);
  });

  it("of a process that is gone, or whose id another has by now, is none, and so is a broken one", () => {
    writeRunRecord(directory, { ...record, pid: process.pid });
    expect(readRunRecord(directory)?.port).toBe(8787);
    writeRunRecord(directory, { ...record, pid: process.pid, startTicks: "1" });
    expect(readRunRecord(directory)).toBeNull();
    writeRunRecord(directory, { ...record, pid: 2 ** 22 - 1 });
    expect(readRunRecord(directory)).toBeNull();
    writeFileSync(directory.runRecord, "{");
    expect(readRunRecord(directory)).toBeNull();
  });
});

describe("settings", () => {
  beforeEach(() => {
    openDataDirectory(directory);
  });

  it.each([
    ["a name that is none", '{"warmMinutes": 5}', "warmMinutes: there is no such setting"],
    ["a text for a number", '{"warmMs": "5"}', "warmMs: must be a whole number of at least 1"],
    ["a fraction", '{"warmMs": 0.5}', "warmMs: must be a whole number"],
    ["nothing at all", '{"maxNodes": 0}', "maxNodes: must be a whole number of at least 1"],
    ["a list", "[1]", "is not a JSON object"],
    ["no JSON", "warmMs=5", "is not a JSON object"],
    ["a prototype's name", '{"constructor": 5}', "constructor: there is no such setting"],
  ])("are refused, naming the field: %s", (_, text, expected) => {
    expect(() => parseOverrides("settings.json", text)).toThrow(UsageError);
    expect(() => parseOverrides("settings.json", text)).toThrow(expected);
  });

  it("come from the file, and over it from the variable", () => {
    writeFileSync(directory.settings, '{"warmMs": 1000, "maxNodes": 2}');
    expect(loadSettingOverrides(directory, { SAM_SETTINGS: '{"warmMs": 5}' })).toEqual({ warmMs: 5, maxNodes: 2 });
    expect(loadSettingOverrides(directory, {})).toEqual({ warmMs: 1000, maxNodes: 2 });
  });

  it("that cannot be read are an error and not the defaults", () => {
    mkdirSync(directory.settings);
    chmodSync(directory.settings, 0o700);
    expect(() => loadSettingOverrides(directory, {})).toThrow(/EISDIR/);
  });
});
